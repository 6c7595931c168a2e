// Which number comes first in the dates of a column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "trends/date_parser.h"

namespace valence {

// How a date like 3/4/2025 can be read; kNone: it is not such a date, or cannot be read.
enum class OrderEvidence { kNone, kEither, kDayFirst, kMonthFirst };
OrderEvidence order_evidence(std::string_view text);

// Decides for a whole column which number comes first. Rows are shown to it in order.
class OrderDecision {
 public:
  void see(std::string_view text, std::uint64_t line);

  // Nothing more needs to be seen: enough rows have been.
  bool settled() const;
  bool undecided() const { return either_.line > 0 && day_first_.line + month_first_.line == 0; }

  // kUnknown where no row was such a date. Throws Error(kInvalidArgument) that asks for
  // --date-format where all rows can be read both ways, or rows contradict each other.
  DayOrder decide(const std::string& origin, const std::string& column) const;

  std::uint64_t decided_by() const { return day_first_.line + month_first_.line; }  // a line

 private:
  struct Example {
    std::uint64_t line = 0;
    std::string text;
  };

  std::uint64_t seen_ = 0;
  Example either_, day_first_, month_first_;
};

}  // namespace valence
