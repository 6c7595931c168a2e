// From rows to a whole report: all passes over them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "trends/build_report.h"
#include "trends/date_parser.h"
#include "trends/report_input.h"
#include "trends/time_zone.h"

namespace valence {

struct ReportPlan {
  std::string title;
  PeriodKind period = PeriodKind::kMonth;
  std::optional<Day> from, to;
  std::string date_format;  // as DateFormat::parse takes it; empty: to be found out
  std::string time_zone = "UTC";
  ReportOptions options;
  // Told at the beginning of a pass and now and then how many of its rows have been counted, and
  // how many bytes of a total (0: not known) were read for them. Runs on the thread that calls
  // make_report, never elsewhere.
  std::function<void(std::uint64_t rows, std::uint64_t bytes, std::uint64_t total)> progress;
};

// Throws Error: what reading the rows throws, kInvalidArgument where no row can be used or dates
// can be read in two ways.
TrendReport make_report(const ReportInput& input, const ReportPlan& plan);

// Now as a report says it: ISO 8601, UTC.
std::string report_time(std::int64_t unix_seconds);

}  // namespace valence
