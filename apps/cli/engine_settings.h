// Options of every command that computes: on what, how precisely, with how many threads.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>

#include "valence/classifier.h"

namespace valence::cli {

struct EngineSettings {
  std::string backend = "cpu";
  std::string precision = "auto";
  std::size_t threads = 0;
  bool pin_threads = false;
};

void declare_engine(CLI::App& app, EngineSettings& settings);

// "auto", "int8", "bf16", "fp32": what --precision takes.
CLI::IsMember precision_names();

LoadOptions load_options_of(const EngineSettings& settings);

}  // namespace valence::cli
