// What `valence train` was asked to do.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <variant>
#include <vector>

#include "train/train_options.h"

namespace valence::cli {

struct TrainSettings {
  train::TrainOptions options;
  // One entry for all files of --data, or one a file.
  std::vector<std::string> data, text_columns, label_columns, label_maps;
  std::vector<double> weights;
  std::vector<std::string> valid, valid_label_maps;
  std::string task = "single";
  std::string crop = "head";
  std::string precision = "auto";
  std::string class_weights;
  std::string freeze = "0";
  std::string gguf;  // type of the GGUF written beside the directory; empty: none
  bool quiet = false, no_progress = false;
};

void declare_options(CLI::App& app, TrainSettings& settings);

// The settings in a command line, that of a --config file included; an exit code where it only asks
// for help or is wrong, which then has been told.
std::variant<TrainSettings, int> parse_train_arguments(std::vector<std::string> arguments);

// Throws Error(kInvalidArgument) for settings that contradict each other.
train::TrainOptions options_of(const TrainSettings& settings);

}  // namespace valence::cli
