#include "trends/periods.h"

#include <doctest/doctest.h>

#include "trends/date_parser.h"
#include "trends/time_zone.h"
#include "valence/error.h"

using namespace valence;

namespace {

Day day(const char* text) {
  return day_of_seconds(DateFormat().read(text)->seconds);
}

std::string named(const char* date, PeriodKind kind) {
  return period_name(period_of(day(date), kind), kind);
}

std::int64_t local(const TimeZone& zone, const char* utc) {
  const std::int64_t seconds = DateFormat().read(utc)->seconds;
  return zone.local(seconds) - seconds;
}

}  // namespace

TEST_CASE("periods of days") {
  CHECK(named("2025-03-31", PeriodKind::kDay) == "2025-03-31");
  CHECK(named("2025-03-31", PeriodKind::kMonth) == "2025-03");
  CHECK(named("2025-03-31", PeriodKind::kQuarter) == "2025-Q1");
  CHECK(named("2025-12-31", PeriodKind::kQuarter) == "2025-Q4");
  CHECK(named("1969-12-31", PeriodKind::kMonth) == "1969-12");
  CHECK(named("1969-12-31", PeriodKind::kQuarter) == "1969-Q4");
  // Python: date(...).isocalendar().
  CHECK(named("2024-12-30", PeriodKind::kWeek) == "2025-W01");
  CHECK(named("2024-12-29", PeriodKind::kWeek) == "2024-W52");
  CHECK(named("2027-01-03", PeriodKind::kWeek) == "2026-W53");
  CHECK(named("1970-01-01", PeriodKind::kWeek) == "1970-W01");
  CHECK(named("1968-12-29", PeriodKind::kWeek) == "1968-W52");
}

TEST_CASE("every day lies in its period, and periods follow each other") {
  for (const PeriodName& entry : period_names()) {
    Period last = period_of(-20000, entry.kind);
    for (Day d = -20000; d < 30000; ++d) {
      const Period period = period_of(d, entry.kind);
      REQUIRE((period == last || period == last + 1));
      REQUIRE(first_day(period, entry.kind) <= d);
      REQUIRE(d < first_day(period + 1, entry.kind));
      REQUIRE((period == last || first_day(period, entry.kind) == d));
      last = period;
    }
  }
}

TEST_CASE("dates and times as text") {
  CHECK(date_of(0) == "1970-01-01");
  CHECK(date_of(-1) == "1969-12-31");
  CHECK(date_and_time_of(-1) == "1969-12-31T23:59:59");
  CHECK(day_of_seconds(-1) == -1);
  CHECK(day_of_seconds(86400) == 1);
}

TEST_CASE("time zones with their summer times") {
  CHECK(local(TimeZone("UTC"), "2025-07-01T00:00:00Z") == 0);
  const TimeZone berlin("Europe/Berlin");
  CHECK(local(berlin, "2025-03-30T00:59:59Z") == 3600);
  CHECK(local(berlin, "2025-03-30T01:00:00Z") == 7200);
  CHECK(local(berlin, "2045-07-01T00:00:00Z") == 7200);  // by the rule that goes on
  CHECK(local(TimeZone("America/St_Johns"), "2025-01-01T00:00:00Z") == -12600);
  for (const char* name : {"Europe/Atlantis", "", "/etc/localtime", "../../etc/localtime"})
    CHECK_THROWS_AS(TimeZone{name}, Error);
}
