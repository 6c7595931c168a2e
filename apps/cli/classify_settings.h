// What `valence classify` was asked to do.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/engine_settings.h"
#include "data/row_formats.h"
#include "valence/classifier.h"

namespace valence::cli {

struct ClassifySettings {
  std::vector<std::string> texts;
  std::string input;   // empty: the texts, or lines on standard input; "-": standard input
  std::string output;  // empty: standard output
  std::string append;  // a log that rows are added to instead
  std::string input_format, output_format;
  std::optional<std::string> text_column;
  bool no_header = false;
  std::string delimiter;

  std::string model;
  EngineSettings engine;
  std::string function;
  std::string long_text = "window";
  std::size_t window_overlap = ClassifyOptions{}.window_overlap;
  bool uncalibrated = false;

  std::size_t top_k = 0;  // 0: not given
  bool all_scores = false;
  bool chosen = false;
  bool details = false;
  bool json = false;
  std::string label_name = "label", score_name = "score", error_name = "error";

  bool strict = false, resume = false, force = false;
  bool quiet = false, no_progress = false;

  bool from_stdin() const { return texts.empty() && (input.empty() || input == "-"); }
};

// The values of --function-to-apply and --long, by name.
const std::map<std::string, ScoreFunction>& score_functions();
const std::map<std::string, LongText>& long_text_ways();

void declare_options(CLI::App& app, ClassifySettings& settings);

// Throws Error(kInvalidArgument) for options that contradict each other.
void check_settings(const ClassifySettings& settings);

// By flag, by the file's name, or plain lines. Throw Error(kInvalidArgument) where it is unclear.
const RowFormat& input_format_of(const ClassifySettings& settings);
const RowFormat& output_format_of(const ClassifySettings& settings);

ClassifyOptions classify_options_of(const ClassifySettings& settings);
AddedColumns added_columns_of(const ClassifySettings& settings, const ModelInfo& model);

}  // namespace valence::cli
