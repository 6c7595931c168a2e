// What commands share that read their options from a file of settings, too.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "apps/cli/exit_code.h"

namespace valence::cli {

// Takes options from the file of --config. Of an option that takes one value the last one counts,
// so that the file's settings can be changed one by one behind it. Called when all are declared.
inline void take_config(CLI::App& app, const char* example) {
  for (CLI::Option* option : app.get_options())
    if (option->get_expected_max() == 1) option->take_last();
  app.set_config("--config", "", std::string("read options from a TOML or INI file: ") + example);
}

// The settings that `declare` binds to options, or the exit code where there is nothing to do:
// after help, and after arguments that are wrong, which have been told of.
template <typename Settings>
std::variant<Settings, int> parse_arguments(CLI::App& app, void (*declare)(CLI::App&, Settings&),
                                            std::vector<std::string> arguments) {
  Settings settings;
  declare(app, settings);
  std::reverse(arguments.begin(), arguments.end());  // the last first, as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(kOk) : static_cast<int>(kUsage);
  }
  return settings;
}

}  // namespace valence::cli
