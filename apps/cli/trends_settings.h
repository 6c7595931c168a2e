// What `valence trends` was asked to do.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/engine_settings.h"
#include "data/polarity.h"
#include "trends/date_parser.h"
#include "trends/periods.h"

namespace valence::cli {

struct TrendsSettings {
  std::string input;  // "-": standard input
  std::string input_format, delimiter;
  std::vector<std::string> outputs;
  bool json = false;

  std::string time_column, label_column, score_column, text_column;  // empty: not given
  std::string by;
  std::string period = "month", time_zone = "UTC", date_format;
  std::string from, to;
  std::string polarity;
  std::uint64_t min_count = 30;
  std::size_t max_groups = 12;

  bool label = false;  // label the texts first
  std::string model;
  EngineSettings engine;

  bool force = false, quiet = false;
};

void declare_trends(CLI::App& app, TrendsSettings& settings);

// The same in the terms of src/trends.
struct TrendsPlan {
  PeriodKind period = PeriodKind::kMonth;
  std::optional<Day> from, to;
  WorthMap worths;
  std::optional<DateFormat> date_format;  // none: to be found out
};

// Everything that can be refused before a row is read. Throws Error.
TrendsPlan check_trends(const TrendsSettings& settings);

}  // namespace valence::cli
