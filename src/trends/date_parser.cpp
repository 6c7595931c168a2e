#include "trends/date_parser.h"

#include <algorithm>
#include <charconv>

#include "trends/date_forms.h"
#include "trends/date_pattern.h"

namespace valence {
namespace {

constexpr std::size_t kLongestDate = 80;

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<ParsedTime> unix_time(std::string_view text, std::int64_t per_second) {
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos && !all_digits(text.substr(point + 1))) return std::nullopt;
  const std::string_view whole = text.substr(0, point);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  if (error != std::errc() || end != whole.data() + whole.size()) return std::nullopt;
  // 1000-01-01 to 9999-12-31, as for all other forms.
  const std::int64_t seconds = value / per_second - (value % per_second < 0 ? 1 : 0);
  if (seconds < -30610224000 || seconds > 253402300799) return std::nullopt;
  return ParsedTime{seconds, true, true};
}

// A number alone: its digits say what it is.
std::optional<ParsedTime> time_of_number(std::string_view text) {
  const std::string_view whole = text.substr(0, text.find('.'));
  switch (whole.size()) {
    case 8:
    case 14: {
      if (whole != text) return std::nullopt;
      DateScanner scanner(text);
      DateFields fields;
      fields.year = scanner.number(4, 4);
      fields.month = scanner.number(2, 2);
      fields.day = scanner.number(2, 2);
      fields.time_of_day = whole.size() == 14;
      if (fields.time_of_day) {
        fields.hour = *scanner.number(2, 2);
        fields.minute = *scanner.number(2, 2);
        fields.second = *scanner.number(2, 2);
      }
      return fields.time();
    }
    case 9:
    case 10:
      return unix_time(text, 1);
    case 12:
    case 13:
      return unix_time(text, 1000);
    case 15:
    case 16:
      return unix_time(text, 1'000'000);
    case 18:
    case 19:
      return unix_time(text, 1'000'000'000);
    default:
      return std::nullopt;
  }
}

std::optional<ParsedTime> detect(std::string_view text, DayOrder order) {
  const std::string_view whole = text.substr(0, text.find('.'));
  if (all_digits(whole) && (whole.size() >= 8 || whole == text)) return time_of_number(text);
  DateScanner scanner(text);
  DateFields fields;
  if (!read_date(scanner, fields, order) || (fields.time_of_day && !scanner.at_end()))
    return std::nullopt;
  if (!read_time_of_day(scanner, fields)) return std::nullopt;
  return fields.time();
}

}  // namespace

DateFormat DateFormat::parse(const std::string& text) {
  DateFormat format;
  if (text == "iso") return format;
  if (text == "day-first") return DateFormat(DayOrder::kDayFirst);
  if (text == "month-first") return DateFormat(DayOrder::kMonthFirst);
  if (text == "unix") {
    format.kind_ = Kind::kUnixSeconds;
  } else if (text == "unix-ms") {
    format.kind_ = Kind::kUnixMilliseconds;
  } else {
    check_date_pattern(text);
    format.kind_ = Kind::kPattern;
    format.pattern_ = text;
  }
  return format;
}

std::optional<ParsedTime> DateFormat::read(std::string_view text) const {
  text = trimmed_date(text);
  if (text.empty() || text.size() > kLongestDate) return std::nullopt;
  switch (kind_) {
    case Kind::kUnixSeconds:
      return unix_time(text, 1);
    case Kind::kUnixMilliseconds:
      return unix_time(text, 1000);
    case Kind::kPattern:
      return read_by_pattern(text, pattern_);
    case Kind::kDetect:
      break;
  }
  return detect(text, order_);
}

}  // namespace valence
