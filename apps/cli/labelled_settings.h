// Options that the commands over labelled data share: which model, which data.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/engine_settings.h"
#include "valence/classifier.h"

namespace valence::cli {

struct LabelledSettings {
  std::string model;
  EngineSettings engine;
  std::string long_text = "window";
  std::size_t window_overlap = ClassifyOptions{}.window_overlap;

  std::vector<std::string> data;
  std::optional<std::string> text_column;
  std::string label_column = "label";
  std::string label_map;
  std::string input_format, delimiter;
  std::size_t limit = 0;  // 0: all rows
  bool quiet = false;
};

void declare_labelled_options(CLI::App& app, LabelledSettings& settings);

// All labels, windows as asked for, the model's own function.
ClassifyOptions classify_options_of(const LabelledSettings& settings);

}  // namespace valence::cli
