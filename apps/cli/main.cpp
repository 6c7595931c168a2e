// The valence program: a table of commands.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/cli/command.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

struct Command {
  const char* name;
  const char* summary;
  Action (*define)(CLI::App&);
};

constexpr auto kCommands = std::to_array<Command>({
    {"bench", "measure how fast a server answers, or this program's engine", define_bench},
    {"calibrate",
     "fit a model's scores to labelled rows, so that they are right as often as they say",
     define_calibrate},
    {"classify",
     "label texts, or the rows of a table; the command that is meant when none is named",
     define_classify},
    {"completion", "print a script that completes command lines in a shell", define_completion},
    {"convert", "write a model as GGUF, and check it against its source", define_convert},
    {"eval", "tell how well a model does on labelled rows, alone or beside another", define_eval},
    {"inspect", "show what a model is", define_inspect},
    {"serve", "answer requests over HTTP, in the protocols of other servers", define_serve},
    {"tokenize", "show the tokens of texts", define_tokenize},
    {"train", "fine-tune a model on labelled rows", define_train},
    {"trends", "tell what changed in labelled rows over time, and why", define_trends},
    {"version", "show the version and what this machine offers", define_version},
});

// `valence "some text"` and `... | valence` mean `valence classify`: so does every first word that
// is neither a command nor an option of the program itself.
bool means_classify(std::span<char*> arguments) {
  if (arguments.empty()) return ::isatty(STDIN_FILENO) == 0;
  const std::string_view first = arguments.front();
  for (const Command& command : kCommands)
    if (first == command.name) return false;
  return first != "--help" && first != "-h" && first != "--version";
}

// CLI11 takes "[a,b]" for a list of a and b, which a text never is: a byte that no argument can
// hold is put behind, and taken away again from what the options get.
constexpr char kMark = '\0';

std::string marked(std::string argument) {
  if (argument.starts_with('[') && argument.ends_with(']')) argument += kMark;
  return argument;
}

void take_marks_away(CLI::App& command) {
  for (CLI::Option* option : command.get_options())
    option->transform([](std::string value) {
      if (value.ends_with(kMark)) value.pop_back();
      return value;
    });
}

int run(int argc, char** argv) {
  CLI::App app("Label texts with sentiment or other classes, on this machine.", "valence");
  app.set_version_flag("--version", VALENCE_VERSION);
  app.require_subcommand(1);
  Action action;
  for (const Command& command : kCommands) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    sub->final_callback([&action, run_command = command.define(*sub)] { action = run_command; });
    take_marks_away(*sub);
  }
  const std::span<char*> given(argv + 1, static_cast<std::size_t>(argc - 1));
  std::vector<std::string> arguments;  // the last first, as CLI11 wants them
  std::transform(given.rbegin(), given.rend(), std::back_inserter(arguments), marked);
  if (means_classify(given)) arguments.emplace_back("classify");
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kOk : kUsage;
  }
  return action();
}

}  // namespace
}  // namespace valence::cli

int main(int argc, char** argv) {
  return valence::cli::guarded([&] { return valence::cli::run(argc, argv); });
}
