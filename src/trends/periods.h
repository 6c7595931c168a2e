// Days put together to weeks, months and quarters.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace valence {

enum class PeriodKind { kDay, kWeek, kMonth, kQuarter };

struct PeriodName {
  PeriodKind kind;
  std::string_view name;  // "month"
};
std::span<const PeriodName> period_names();
std::string_view name_of(PeriodKind kind);

// A day is a number, days since 1970-01-01; a period is one too: periods since the one with that
// day.
using Day = std::int32_t;
using Period = std::int32_t;

Day day_of_seconds(std::int64_t local_seconds);

// Weeks are those of ISO 8601, from Monday to Sunday.
Period period_of(Day day, PeriodKind kind);
Day first_day(Period period, PeriodKind kind);

// "2025-03-31", "2025-W14", "2025-03", "2025-Q1".
std::string period_name(Period period, PeriodKind kind);

std::string date_of(Day day);                        // "2025-03-31"
std::string date_and_time_of(std::int64_t seconds);  // "2025-03-31T10:00:00"

}  // namespace valence
