#include "trends/date_forms.h"

#include <chrono>

namespace valence {
namespace {

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

}  // namespace

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

}  // namespace valence
