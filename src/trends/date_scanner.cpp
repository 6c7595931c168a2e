#include "trends/date_scanner.h"

#include <algorithm>

namespace valence {
namespace {

constexpr std::array<const char*, 12> kMonths{"january",   "february", "march",    "april",
                                              "may",       "june",     "july",     "august",
                                              "september", "october",  "november", "december"};
constexpr std::array<const char*, 7> kWeekdays{"monday", "tuesday",  "wednesday", "thursday",
                                               "friday", "saturday", "sunday"};
constexpr std::size_t kShortName = 3;
constexpr int kFirstYear = 1000, kLastYear = 9999;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool same_letters(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(),
                    [](char x, char y) { return (x | 0x20) == y; });
}

}  // namespace

std::string_view trimmed_date(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

int full_year(int two_digits) {
  return two_digits < 69 ? 2000 + two_digits : 1900 + two_digits;
}

std::optional<ParsedTime> DateFields::time() const {
  namespace chrono = std::chrono;
  if (!year || *year < kFirstYear || *year > kLastYear) return std::nullopt;
  chrono::sys_days date;
  if (day_of_year) {
    const bool leap = chrono::year(*year).is_leap();
    if (*day_of_year < 1 || *day_of_year > (leap ? 366 : 365)) return std::nullopt;
    date = chrono::sys_days(chrono::year(*year) / 1 / 1) + chrono::days(*day_of_year - 1);
  } else {
    if (!month) return std::nullopt;
    const chrono::year_month_day ymd(chrono::year(*year),
                                     chrono::month(static_cast<unsigned>(*month)),
                                     chrono::day(static_cast<unsigned>(day.value_or(1))));
    if (!ymd.ok()) return std::nullopt;
    date = ymd;
  }
  int of_day = hour;
  if (afternoon) {
    if (hour < 1 || hour > 12) return std::nullopt;
    of_day = hour % 12 + (*afternoon ? 12 : 0);
  }
  // A leap second belongs to the minute it ends.
  if (of_day > 23 || minute > 59 || second > 60) return std::nullopt;
  ParsedTime time;
  time.seconds = std::int64_t{date.time_since_epoch().count()} * 86400 + of_day * 3600 +
                 minute * 60 + std::min(second, 59) - offset.value_or(0);
  time.absolute = offset.has_value();
  time.time_of_day = time_of_day;
  return time;
}

bool DateScanner::skip(char c) {
  if (peek() != c || at_end()) return false;
  rest_.remove_prefix(1);
  return true;
}

bool DateScanner::skip_spaces() {
  const std::size_t before = rest_.size();
  while (skip(' ')) continue;
  return rest_.size() != before;
}

std::size_t DateScanner::digits() const {
  return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_digit) -
                                  rest_.begin());
}

std::optional<int> DateScanner::number(std::size_t least, std::size_t most) {
  const std::size_t count = std::min(digits(), most);
  if (count < least || count == 0) return std::nullopt;
  int value = 0;
  for (const char c : rest_.substr(0, count)) value = value * 10 + (c - '0');
  rest_.remove_prefix(count);
  return value;
}

std::optional<int> DateScanner::name(const char* const* names, std::size_t count) {
  const auto letters = static_cast<std::size_t>(
      std::find_if_not(rest_.begin(), rest_.end(), is_letter) - rest_.begin());
  const std::string_view word = rest_.substr(0, letters);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view full = names[i];
    const bool sept = full == "september" && same_letters(word, "sept");
    if (!sept && !same_letters(word, full) && !same_letters(word, full.substr(0, kShortName)))
      continue;
    rest_.remove_prefix(letters);
    return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

std::optional<int> DateScanner::month_name() {
  return name(kMonths.data(), kMonths.size());
}

bool DateScanner::weekday_name() {
  return name(kWeekdays.data(), kWeekdays.size()).has_value();
}

std::optional<bool> DateScanner::am_or_pm() {
  for (const std::string_view half : {"am", "pm", "a.m.", "p.m."}) {
    const std::string_view next = rest_.substr(0, half.size());
    if (!std::equal(next.begin(), next.end(), half.begin(), half.end(),
                    [](char x, char y) { return (is_letter(x) ? x | 0x20 : x) == y; }))
      continue;
    rest_.remove_prefix(half.size());
    return half.front() == 'p';
  }
  return std::nullopt;
}

std::optional<std::int64_t> DateScanner::offset() {
  for (const std::string_view zero : {"UTC", "GMT", "UT", "Z", "z"}) {
    if (!rest_.starts_with(zero)) continue;
    rest_.remove_prefix(zero.size());
    return 0;
  }
  const char sign = peek();
  if (sign != '+' && sign != '-') return std::nullopt;
  DateScanner ahead = *this;
  ahead.skip(sign);
  const std::optional<int> hours = ahead.number(2, 2);
  if (!hours || *hours > 23) return std::nullopt;
  ahead.skip(':');
  const std::optional<int> minutes = ahead.number(2, 2);
  if (minutes.value_or(0) > 59) return std::nullopt;
  *this = ahead;
  const std::int64_t seconds = *hours * 3600 + minutes.value_or(0) * 60;
  return sign == '-' ? -seconds : seconds;
}

void DateScanner::skip_fraction() {
  if ((peek() != '.' && peek() != ',') || rest_.size() < 2 || !is_digit(rest_[1])) return;
  rest_.remove_prefix(1);
  rest_.remove_prefix(digits());
}

}  // namespace valence
