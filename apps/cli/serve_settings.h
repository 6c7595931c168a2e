// What `valence serve` was asked to do.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <variant>
#include <vector>

#include "apps/cli/engine_settings.h"
#include "serve/options.h"

namespace valence::cli {

struct ServeSettings {
  serve::ServeOptions options;
  EngineSettings engine;
  std::vector<std::string> models;
  std::size_t io_threads = 0;
  std::string long_text = "window";
  std::string tls_certificate, tls_key, access_log = "-", model_root, root_path, store;
  std::vector<std::string> key_files, admin_key_files;
  double timeout = 30, grace = 30, idle = 75, header = 10, body = 60, write = 30;  // seconds
  std::size_t cache_megabytes = 0, store_days = 90, memory_megabytes = 256;
  bool check = false, quiet = false;
};

void declare_options(CLI::App& app, ServeSettings& settings);

// The settings in a command line, those of a --config file included; an exit code where it only
// asks for help or is wrong, which then has been told.
std::variant<ServeSettings, int> parse_serve_arguments(std::vector<std::string> arguments);

// Reads the files of keys. Throws Error: kInvalidArgument for settings that contradict each other,
// kNotFound for files that are not there.
serve::ServeOptions options_of(const ServeSettings& settings);

}  // namespace valence::cli
