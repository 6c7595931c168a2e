// Going through the text of a date, part by part.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "trends/date_parser.h"

namespace valence {

// The parts of a date that have been read; those that have not are empty.
struct DateFields {
  std::optional<int> year, month, day;
  int hour = 0, minute = 0, second = 0;
  std::optional<bool> afternoon;  // AM or PM was written
  std::optional<int> day_of_year;
  std::optional<std::int64_t> offset;  // seconds east of UTC
  bool time_of_day = false;

  // Nothing where there is no such day or time.
  std::optional<ParsedTime> time() const;
};

// The text without the white space around it.
std::string_view trimmed_date(std::string_view text);

// Reads from the front; what does not fit is left where it is.
class DateScanner {
 public:
  explicit DateScanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  std::string_view rest() const { return rest_; }

  bool skip(char c);
  bool skip_spaces();          // true: there was at least one
  std::size_t digits() const;  // how many there are next

  // A number of at least `least` and at most `most` digits (up to 9).
  std::optional<int> number(std::size_t least, std::size_t most);

  std::optional<int> month_name();  // English, three letters or all of them, any case; 1 to 12
  bool weekday_name();
  std::optional<bool> am_or_pm();        // true: PM
  std::optional<std::int64_t> offset();  // Z, UTC, GMT, +01, +0100, +01:00: seconds
  void skip_fraction();                  // .123 or ,123

 private:
  std::optional<int> name(const char* const* names, std::size_t count);

  std::string_view rest_;
};

// Two digits as POSIX reads them: 69 to 99 are of the 20th century.
int full_year(int two_digits);

}  // namespace valence
