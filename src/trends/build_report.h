// From tallies to a report: everything but words and texts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "data/polarity.h"
#include "trends/report.h"
#include "trends/tallies.h"

namespace valence {

struct ReportOptions {
  std::uint64_t min_count = 30;  // periods with fewer texts are uncertain
  std::size_t max_groups = 12;   // told apart
  WorthMap worths;               // empty: by the labels' names
};

// Fills the report's counts, figures, drift and flagged periods; its descriptive members (title,
// source, the columns' names) are the caller's. The period is the one of the tallies.
void build_report(const Tallies& tallies, PeriodKind period, const ReportOptions& options,
                  TrendReport& report);

}  // namespace valence
