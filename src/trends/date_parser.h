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

}  // namespace valence
