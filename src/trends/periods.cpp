#include "trends/periods.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace valence {
namespace {

namespace chrono = std::chrono;

constexpr auto kNames = std::to_array<PeriodName>({{PeriodKind::kMonth, "month"},
                                                   {PeriodKind::kWeek, "week"},
                                                   {PeriodKind::kDay, "day"},
                                                   {PeriodKind::kQuarter, "quarter"}});
constexpr std::int64_t kSecondsOfDay = 86400;
constexpr int kEpochYear = 1970;
constexpr int kThursday = 3;  // 1970-01-01, counted from Monday

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

chrono::year_month_day ymd_of(Day day) {
  return chrono::sys_days(chrono::days(day));
}

Day day_of(chrono::sys_days day) {
  return static_cast<Day>(day.time_since_epoch().count());
}

std::int32_t months_since_epoch(Day day) {
  const chrono::year_month_day ymd = ymd_of(day);
  return 12 * (static_cast<int>(ymd.year()) - kEpochYear) +
         static_cast<int>(static_cast<unsigned>(ymd.month())) - 1;
}

Day first_of_month(std::int32_t months) {
  const auto year = static_cast<int>(floor_div(months, 12));
  const auto month = static_cast<unsigned>(months - 12 * year);
  return day_of(chrono::year(kEpochYear + year) / chrono::month(month + 1) / 1);
}

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

int year_of(Day day) {
  return static_cast<int>(ymd_of(day).year());
}

}  // namespace

std::span<const PeriodName> period_names() {
  return kNames;
}

std::string_view name_of(PeriodKind kind) {
  for (const PeriodName& entry : kNames)
    if (entry.kind == kind) return entry.name;
  return {};
}

Day day_of_seconds(std::int64_t local_seconds) {
  return static_cast<Day>(floor_div(local_seconds, kSecondsOfDay));
}

Period period_of(Day day, PeriodKind kind) {
  switch (kind) {
    case PeriodKind::kWeek:
      return static_cast<Period>(floor_div(day + kThursday, 7));
    case PeriodKind::kMonth:
      return months_since_epoch(day);
    case PeriodKind::kQuarter:
      return static_cast<Period>(floor_div(months_since_epoch(day), 3));
    case PeriodKind::kDay:
      break;
  }
  return day;
}

Day first_day(Period period, PeriodKind kind) {
  switch (kind) {
    case PeriodKind::kWeek:
      return 7 * period - kThursday;
    case PeriodKind::kMonth:
      return first_of_month(period);
    case PeriodKind::kQuarter:
      return first_of_month(3 * period);
    case PeriodKind::kDay:
      break;
  }
  return period;
}

std::string period_name(Period period, PeriodKind kind) {
  const Day first = first_day(period, kind);
  const chrono::year_month_day ymd = ymd_of(first);
  const auto month = static_cast<unsigned>(ymd.month());
  switch (kind) {
    case PeriodKind::kWeek: {
      // The year of a week is that of its Thursday.
      const int year = year_of(first + kThursday);
      const Day first_week = period_of(day_of(chrono::year(year) / 1 / 4), PeriodKind::kWeek);
      return format("%04d-W%02d", year, period - first_week + 1);
    }
    case PeriodKind::kMonth:
      return format("%04d-%02u", static_cast<int>(ymd.year()), month);
    case PeriodKind::kQuarter:
      return format("%04d-Q%u", static_cast<int>(ymd.year()), (month + 2) / 3);
    case PeriodKind::kDay:
      break;
  }
  return date_of(first);
}

std::string date_of(Day day) {
  const chrono::year_month_day ymd = ymd_of(day);
  return format("%04d-%02u-%02u", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                static_cast<unsigned>(ymd.day()));
}

std::string date_and_time_of(std::int64_t seconds) {
  const Day day = day_of_seconds(seconds);
  const auto rest = static_cast<int>(seconds - day * kSecondsOfDay);
  return date_of(day) + format("T%02d:%02d:%02d", rest / 3600, rest / 60 % 60, rest % 60);
}

}  // namespace valence
