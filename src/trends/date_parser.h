// Dates and times as people and programs write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace valence {

// Seconds since 1970-01-01 00:00, of UTC where an offset was written or it was a Unix time, else of
// whichever time zone is meant.
struct ParsedTime {
  std::int64_t seconds = 0;
  bool absolute = false;     // of UTC
  bool time_of_day = false;  // more than a date was written
};

// Which number comes first in dates like 3/4/2025.
enum class DayOrder { kUnknown, kDayFirst, kMonthFirst };

class DateFormat {
 public:
  // What is understood by itself: ISO 8601, days with dots, names of months, RFC 5322, Unix times
  // of 9 digits and more, and 3/4/2025 where `order` is known. docs/trends.md lists the forms.
  explicit DateFormat(DayOrder order = DayOrder::kUnknown) : order_(order) {}

  // "iso", "day-first", "month-first", "unix", "unix-ms" (each: this form alone, of the first three
  // with all that is not in conflict), or a pattern of %Y %y %m %d %e %b %B %H %I %M %S %f %p %z %j
  // %a %A %F %T %s %% as in strptime. Throws Error(kInvalidArgument).
  static DateFormat parse(const std::string& text);

  // Nothing where the text is no such date. Never throws.
  std::optional<ParsedTime> read(std::string_view text) const;

  DayOrder order() const { return order_; }

 private:
  enum class Kind { kDetect, kUnixSeconds, kUnixMilliseconds, kPattern };

  Kind kind_ = Kind::kDetect;
  DayOrder order_;
  std::string pattern_;
};

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
