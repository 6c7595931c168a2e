// What trends found: docs/trends.md describes the members, report_json.h writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eval/bootstrap.h"
#include "trends/periods.h"

namespace valence {

struct LineExample {
  std::uint64_t line = 0;
  std::string value;
};

struct SkippedRows {
  std::string reason;   // "date", "label", "error", "row"
  std::string meaning;  // a sentence
  std::uint64_t count = 0;
  std::vector<LineExample> examples;
};

struct ReportLabel {
  std::string name;
  std::optional<double> worth;
  std::uint64_t count = 0;
};

struct ReportPeriod {
  Period period = 0;
  std::string name;
  Day start = 0, end = 0;  // `end` is the first day of the next period
};

struct ShareChange {
  double difference = 0;
  // Only where it was tested:
  std::optional<double> z, p, q;
  bool significant = false;
};

struct LabelShare {
  std::uint64_t count = 0;
  double share = 0;  // the next three only where the cell has texts
  Interval interval;
  std::optional<ShareChange> change;
};

struct Polarity {
  double mean = 0;
  Interval interval;
  std::optional<double> change;
};

struct ReportCell {
  std::uint64_t count = 0;
  bool uncertain = true;
  std::optional<std::size_t> compared_with;
  std::optional<double> score;
  std::optional<Polarity> polarity;
  std::vector<LabelShare> labels;
  bool changed = false;  // significantly
  bool drifted = false;  // a signal came here
};

struct ReportGroup {
  enum class Kind { kAll, kValue, kOther };
  std::string name;
  Kind kind = Kind::kAll;
  std::uint64_t count = 0;
  std::vector<ReportCell> cells;  // one a period
};

// Places of groups, labels and periods are those in the report.
struct ReportDrift {
  std::size_t group = 0, label = 0, period = 0, since = 0;
  bool up = false;
  double statistic = 0;
  double baseline_share = 0;
  std::size_t baseline_first = 0, baseline_last = 0;
};

struct ReportWord {
  std::string term;
  double z = 0, log_odds = 0;
  std::uint64_t count = 0, count_before = 0;
};

struct TypicalText {
  std::string text;
  bool cut = false;
  std::string time;
  std::uint64_t line = 0;
  double weight = 0;
};

struct FlaggedPeriod {
  std::size_t group = 0, period = 0, label = 0;
  bool up = false;
  bool change = false, drift = false;
  std::size_t before_first = 0, before_last = 0;
  bool has_texts = false;  // the next three are known
  std::vector<ReportWord> now, before;
  std::vector<TypicalText> texts;
};

struct TrendReport {
  std::string title, source, source_format, model;
  struct Options {
    PeriodKind period = PeriodKind::kMonth;
    std::string time_zone, date_format;
    std::string time_column, label_column, score_column, text_column, group_column;
    std::optional<Day> from, to;
    std::uint64_t min_count = 0;
    std::string polarity;  // "scores", "labels" or empty
  } options;
  std::uint64_t read = 0, used = 0, outside = 0;
  std::vector<SkippedRows> skipped;
  std::vector<ReportLabel> labels;
  std::vector<ReportPeriod> periods;
  std::vector<ReportGroup> groups;
  std::vector<ReportDrift> drift;
  std::vector<FlaggedPeriod> flagged;
  std::size_t comparisons = 0, significant = 0;
  std::vector<std::string> notes;
};

inline constexpr double kAlpha = 0.05;
inline constexpr const char* kNoGroupValue = "(no value)";  // rows whose group column is empty

}  // namespace valence
