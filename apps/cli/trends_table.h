// A report of trends for people at a terminal.
#pragma once

#include <cstddef>
#include <string>

#include "trends/report.h"

namespace valence::cli {

struct TableStyle {
  std::size_t width = 0;  // columns; 0: as many as it takes
  bool colour = false;
};

// One table a group: a row a period with the number of texts, a bar of the labels' shares, the
// shares with arrows where they changed significantly, the mean polarity; then what was flagged,
// with words and a typical text.
std::string trends_table(const TrendReport& report, const TableStyle& style);

// Rows that were skipped, and other notes: lines that start with "valence: "; may be empty.
std::string trends_notes(const TrendReport& report);

}  // namespace valence::cli
