#include "trends/date_parser.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "trends/date_pattern.h"
#include "trends/date_scanner.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::uint64_t kRowsForOrder = 10000;  // seen at least, to find contradictions
constexpr std::size_t kLongestDate = 80;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

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

bool read_clock(DateScanner& scanner, DateFields& fields) {
  const bool basic = scanner.digits() == 4 || scanner.digits() == 6;
  const auto hour = basic ? scanner.number(2, 2) : scanner.number(1, 2);
  if (!hour || (!basic && !scanner.skip(':'))) return false;
  const auto minute = scanner.number(2, 2);
  if (!minute) return false;
  fields.hour = *hour;
  fields.minute = *minute;
  if (basic ? scanner.digits() >= 2 : scanner.skip(':')) {
    const auto second = scanner.number(2, 2);
    if (!second) return false;
    fields.second = *second;
    scanner.skip_fraction();
  }
  fields.time_of_day = true;
  return true;
}

// "[Europe/Berlin]" or "(CET)" behind an offset says it once more.
void skip_zone_name(DateScanner& scanner) {
  DateScanner ahead = scanner;
  ahead.skip_spaces();
  const std::string_view rest = ahead.rest();
  if ((rest.starts_with('[') && rest.ends_with(']')) ||
      (rest.starts_with('(') && rest.ends_with(')')))
    scanner = DateScanner(std::string_view());
}

// What stands behind a date: nothing, or a time of day.
bool read_time_of_day(DateScanner& scanner, DateFields& fields) {
  if (scanner.at_end()) return true;
  scanner.skip(',');
  if (!scanner.skip('T') && !scanner.skip('t') && !scanner.skip_spaces()) return false;
  if (!read_clock(scanner, fields)) return false;
  scanner.skip_spaces();
  fields.afternoon = scanner.am_or_pm();
  scanner.skip_spaces();
  fields.offset = scanner.offset();
  if (fields.offset) skip_zone_name(scanner);
  return scanner.at_end();
}

// 2025-W03, 2025-W03-2.
bool read_week(DateScanner& scanner, DateFields& fields) {
  namespace chrono = std::chrono;
  const auto week = scanner.number(2, 2);
  if (!week || *week < 1 || *week > 53) return false;
  int weekday = 1;
  if (scanner.skip('-')) weekday = scanner.number(1, 1).value_or(0);
  if (weekday < 1 || weekday > 7) return false;
  // The week that holds 4 January is the first.
  const chrono::sys_days fourth = chrono::year(*fields.year) / 1 / 4;
  const chrono::sys_days monday =
      fourth - (chrono::weekday(fourth) - chrono::Monday) + chrono::weeks(*week - 1);
  const chrono::year_month_day ymd(monday + chrono::days(weekday - 1));
  fields.year = static_cast<int>(ymd.year());
  fields.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  fields.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  return true;
}

// Year first: 2025-03-31, 2025/3/31, 2025-03, 20250331T1000.
bool read_year_first(DateScanner& scanner, DateFields& fields) {
  fields.year = scanner.number(4, 4);
  if (scanner.digits() == 4) {  // the rest of eight digits
    fields.month = scanner.number(2, 2);
    fields.day = scanner.number(2, 2);
    return true;
  }
  const char separator = scanner.peek();
  if (separator != '-' && separator != '/' && separator != '.') return false;
  scanner.skip(separator);
  if (separator == '-' && scanner.skip('W')) return read_week(scanner, fields);
  fields.month = scanner.number(1, 2);
  if (!fields.month) return false;
  if (!scanner.skip(separator)) return separator != '.';
  fields.day = scanner.number(1, 2);
  return fields.day.has_value();
}

// Two numbers before the year: 31/3/2025, 31.3.25.
bool read_two_numbers(DateScanner& scanner, DateFields& fields, DayOrder order) {
  const auto first = scanner.number(1, 2);
  const char separator = scanner.peek();
  scanner.skip(separator);
  if (separator == '.') scanner.skip_spaces();
  const auto second = scanner.number(1, 2);
  if (!first || !second || !scanner.skip(separator)) return false;
  if (separator == '.') scanner.skip_spaces();
  // 25-01-31 could as well start with the year.
  if (scanner.digits() != 4 && (scanner.digits() != 2 || separator == '-')) return false;
  const bool two_digits = scanner.digits() == 2;
  const int year = *scanner.number(2, 4);
  fields.year = two_digits ? full_year(year) : year;
  // Nobody writes the month first with dots.
  const DayOrder used = separator == '.' ? DayOrder::kDayFirst : order;
  if (used == DayOrder::kUnknown) return false;
  fields.day = used == DayOrder::kDayFirst ? first : second;
  fields.month = used == DayOrder::kDayFirst ? second : first;
  return true;
}

// 31 March 2025, 31-Mar-25, 3rd March 2025.
bool read_day_name_year(DateScanner& scanner, DateFields& fields) {
  fields.day = scanner.number(1, 2);
  for (const std::string_view ending : {"st", "nd", "rd", "th"})
    if (scanner.rest().starts_with(ending)) scanner.skip(ending[0]), scanner.skip(ending[1]);
  scanner.skip('.');
  const bool hyphen = scanner.skip('-');
  scanner.skip_spaces();
  fields.month = scanner.month_name();
  if (!fields.month) return false;
  if (hyphen) {
    if (!scanner.skip('-')) return false;
  } else {
    scanner.skip('.');
    scanner.skip(',');
    scanner.skip_spaces();
  }
  const bool two_digits = scanner.digits() == 2;
  const auto year = scanner.number(2, 4);
  if (!year) return false;
  fields.year = two_digits ? full_year(*year) : *year;
  return true;
}

// March 31, 2025; Mar 31 10:00:00 2025.
bool read_name_day_year(DateScanner& scanner, DateFields& fields) {
  fields.month = scanner.month_name();
  if (!fields.month) return false;
  scanner.skip('.');
  scanner.skip_spaces();
  fields.day = scanner.number(1, 2);
  if (!fields.day) return false;
  for (const std::string_view ending : {"st", "nd", "rd", "th"})
    if (scanner.rest().starts_with(ending)) scanner.skip(ending[0]), scanner.skip(ending[1]);
  scanner.skip(',');
  scanner.skip_spaces();
  if (scanner.rest().find(':') <= 2) {  // as the C library's ctime writes it
    if (!read_clock(scanner, fields) || !scanner.skip_spaces()) return false;
    fields.offset = scanner.offset();
    if (fields.offset) scanner.skip_spaces();
  }
  fields.year = scanner.number(4, 4);
  return fields.year.has_value();
}

bool is_numeric_date(std::string_view text) {
  const std::size_t first = DateScanner(text).digits();
  if (first < 1 || first > 2 || text.size() < first + 2) return false;
  const char separator = text[first];
  if (separator != '/' && separator != '-' && separator != '.') return false;
  const char next = text[first + 1];
  return (next >= '0' && next <= '9') ||
         (separator == '.' && next == ' ' && DateScanner(text.substr(first + 2)).digits() > 0);
}

bool read_date(DateScanner& scanner, DateFields& fields, DayOrder order) {
  const std::size_t digits = scanner.digits();
  if (digits == 4 || digits == 8) return read_year_first(scanner, fields);
  if (digits > 2) return false;
  if (digits > 0 && is_numeric_date(scanner.rest()))
    return read_two_numbers(scanner, fields, order);
  if (digits == 0 && scanner.weekday_name()) {
    scanner.skip(',');
    scanner.skip_spaces();
  }
  return scanner.digits() > 0 ? read_day_name_year(scanner, fields)
                              : read_name_day_year(scanner, fields);
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
  text = trimmed(text);
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

OrderEvidence order_evidence(std::string_view text) {
  text = trimmed(text);
  if (text.size() > kLongestDate || !is_numeric_date(text)) return OrderEvidence::kNone;
  if (text[DateScanner(text).digits()] == '.') return OrderEvidence::kNone;
  const bool day = detect(text, DayOrder::kDayFirst).has_value();
  const bool month = detect(text, DayOrder::kMonthFirst).has_value();
  if (day && month) return OrderEvidence::kEither;
  if (day) return OrderEvidence::kDayFirst;
  return month ? OrderEvidence::kMonthFirst : OrderEvidence::kNone;
}

void OrderDecision::see(std::string_view text, std::uint64_t line) {
  ++seen_;
  Example* example = nullptr;
  switch (order_evidence(text)) {
    case OrderEvidence::kNone:
      return;
    case OrderEvidence::kEither:
      example = &either_;
      break;
    case OrderEvidence::kDayFirst:
      example = &day_first_;
      break;
    case OrderEvidence::kMonthFirst:
      example = &month_first_;
      break;
  }
  if (example->line == 0) *example = {line, std::string(trimmed(text))};
}

bool OrderDecision::settled() const {
  const bool contradiction = day_first_.line > 0 && month_first_.line > 0;
  return contradiction || (seen_ >= kRowsForOrder && !undecided());
}

DayOrder OrderDecision::decide(const std::string& origin, const std::string& column) const {
  const auto shown = [](const Example& example) {
    return "\"" + example.text + "\" in line " + std::to_string(example.line);
  };
  const std::string ask = "; say which comes first: --date-format day-first or month-first";
  if (day_first_.line > 0 && month_first_.line > 0)
    throw Error(ErrorCode::kInvalidArgument, origin + ": the dates of the column \"" + column +
                                                 "\" contradict each other: " + shown(day_first_) +
                                                 " has the day first, " + shown(month_first_) +
                                                 " the month" + ask);
  if (undecided())
    throw Error(ErrorCode::kInvalidArgument, origin + ": the dates of the column \"" + column +
                                                 "\" can be read in two ways, like " +
                                                 shown(either_) + ask);
  if (day_first_.line > 0) return DayOrder::kDayFirst;
  return month_first_.line > 0 ? DayOrder::kMonthFirst : DayOrder::kUnknown;
}

}  // namespace valence
