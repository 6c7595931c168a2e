#include "trends/date_parser.h"

#include <doctest/doctest.h>

#include <string>

#include "trends/day_order.h"
#include "trends/periods.h"
#include "valence/error.h"

using namespace valence;

namespace {

// "2025-03-31", "2025-03-31T10:00:00", with a Z behind where the time is one of UTC; "" for none.
std::string read(std::string_view text, const DateFormat& format = DateFormat()) {
  const auto time = format.read(text);
  if (!time) return "";
  return (time->time_of_day ? date_and_time_of(time->seconds)
                            : date_of(day_of_seconds(time->seconds))) +
         (time->absolute ? "Z" : "");
}

const DateFormat kDays(DayOrder::kDayFirst);
const DateFormat kMonths(DayOrder::kMonthFirst);

}  // namespace

TEST_CASE("ISO 8601") {
  CHECK(read("2025-03-31") == "2025-03-31");
  CHECK(read(" 2025-03-31 ") == "2025-03-31");
  CHECK(read("2025-03") == "2025-03-01");
  CHECK(read("20250331") == "2025-03-31");
  CHECK(read("2025-03-31T10:20:30") == "2025-03-31T10:20:30");
  CHECK(read("2025-03-31 10:20") == "2025-03-31T10:20:00");
  CHECK(read("2025-03-31T10:20:30.123456Z") == "2025-03-31T10:20:30Z");
  CHECK(read("2025-03-31T01:20:30+02:00") == "2025-03-30T23:20:30Z");
  CHECK(read("2025-03-31T23:20:30-0530") == "2025-04-01T04:50:30Z");
  CHECK(read("2025-03-31 10:20:30 +02") == "2025-03-31T08:20:30Z");
  CHECK(read("20250331T102030Z") == "2025-03-31T10:20:30Z");
  CHECK(read("20250331102030") == "2025-03-31T10:20:30");
  CHECK(read("2025-03-31T10:20:30+02:00[Europe/Berlin]") == "2025-03-31T08:20:30Z");
  CHECK(read("2025/3/1") == "2025-03-01");
  CHECK(read("2025.03.31") == "2025-03-31");
  // Python: date.fromisocalendar(2026, 53, 7), (2025, 1, 1).
  CHECK(read("2026-W53-7") == "2027-01-03");
  CHECK(read("2025-W01") == "2024-12-30");
  CHECK(read("2024-02-29") == "2024-02-29");
  CHECK(read("2016-12-31T23:59:60Z") == "2016-12-31T23:59:59Z");
}

TEST_CASE("names of months, dots, mail") {
  CHECK(read("31.3.2025") == "2025-03-31");
  CHECK(read("1. 2. 2025") == "2025-02-01");
  CHECK(read("31.03.25 18:05") == "2025-03-31T18:05:00");
  CHECK(read("31 March 2025") == "2025-03-31");
  CHECK(read("3rd Mar 2025") == "2025-03-03");
  CHECK(read("31-Mar-25") == "2025-03-31");
  CHECK(read("1-SEP-1999") == "1999-09-01");
  CHECK(read("March 31, 2025") == "2025-03-31");
  CHECK(read("Sept 1 2025, 6:05 p.m.") == "2025-09-01T18:05:00");
  CHECK(read("Mon, 31 Mar 2025 10:00:00 +0200") == "2025-03-31T08:00:00Z");
  CHECK(read("Mon, 31 Mar 2025 10:00:00 GMT") == "2025-03-31T10:00:00Z");
  CHECK(read("Mon Mar 31 10:00:00 2025") == "2025-03-31T10:00:00");
  CHECK(read("Mon Mar 31 10:00:00 UTC 2025") == "2025-03-31T10:00:00Z");
}

TEST_CASE("Unix times, by their digits") {
  CHECK(read("1743415230") == "2025-03-31T10:00:30Z");
  CHECK(read("1743415230.25") == "2025-03-31T10:00:30Z");
  CHECK(read("1743415230123") == "2025-03-31T10:00:30Z");
  CHECK(read("1743415230123456") == "2025-03-31T10:00:30Z");
  CHECK(read("1743415230123456789") == "2025-03-31T10:00:30Z");
  CHECK(read("999999999") == "2001-09-09T01:46:39Z");
  CHECK(read("86400", DateFormat::parse("unix")) == "1970-01-02T00:00:00Z");
  CHECK(read("-1", DateFormat::parse("unix")) == "1969-12-31T23:59:59Z");
  CHECK(read("-1", DateFormat::parse("unix-ms")) == "1969-12-31T23:59:59Z");
  CHECK(read("99999999999999999", DateFormat::parse("unix")) == "");
}

TEST_CASE("the day or the month first") {
  CHECK(read("31/3/2025") == "");
  CHECK(read("31/3/2025", kDays) == "2025-03-31");
  CHECK(read("3/31/2025", kMonths) == "2025-03-31");
  CHECK(read("3/31/2025", kDays) == "");
  CHECK(read("3/4/25 1:05 AM", kDays) == "2025-04-03T01:05:00");
  CHECK(read("3/4/69 12:05 AM", kMonths) == "1969-03-04T00:05:00");
  CHECK(read("3-4-2025 12:05 PM", kMonths) == "2025-03-04T12:05:00");
  // Dots are not written with the month first.
  CHECK(read("3.4.2025", kMonths) == "2025-04-03");
  // It could start with the year.
  CHECK(read("03-04-25", kDays) == "");
}

TEST_CASE("what is no date") {
  for (const char* text : {"",
                           " ",
                           "yesterday",
                           "2025",
                           "2025-13-01",
                           "2025-02-30",
                           "2023-02-29",
                           "2025-03-31T25:00",
                           "2025-03-31T10:60",
                           "2025-03-31T10:20:30+25:00",
                           "2025-03-31x",
                           "2025-W54-1",
                           "2025-W00",
                           "31 Foo 2025",
                           "31/",
                           "1/2",
                           "1/2/",
                           "12345",
                           "12345678",
                           "123456789012345678901234",
                           "2025-03-31T",
                           "Mon",
                           "March",
                           "March 31",
                           "2025--03",
                           "0000-01-01",
                           "99/99/9999",
                           "13:00 PM",
                           "2025-03-31 13:00 PM",
                           "2025-03-31 0:00 AM",
                           "+",
                           "-",
                           ".",
                           "1.",
                           "[",
                           "\xff\xfe"})
    CHECK_MESSAGE(read(text, kDays).empty(), text);
  CHECK(read(std::string(1000, '1')).empty());
}

TEST_CASE("patterns of the user") {
  const auto by = [](const char* pattern, const char* text) {
    return read(text, DateFormat::parse(pattern));
  };
  CHECK(by("%d.%m.%y %H:%M", "31.03.25 18:05") == "2025-03-31T18:05:00");
  CHECK(by("%m/%d/%Y", "3/4/2025") == "2025-03-04");
  CHECK(by("%b %e, %Y at %I:%M:%S %p", "Mar 31, 2025 at 06:05:01 PM") == "2025-03-31T18:05:01");
  CHECK(by("%Y-%j", "2024-366") == "2024-12-31");
  CHECK(by("%FT%T%z", "2025-03-31T10:00:00+01:00") == "2025-03-31T09:00:00Z");
  CHECK(by("%s", "1743415230") == "2025-03-31T10:00:30Z");
  CHECK(by("%Y%%%m", "2025%03") == "2025-03-01");
  CHECK(by("%d/%m/%Y", "2025-03-31") == "");
  CHECK(by("%d/%m/%Y", "31/03/2025 10:00") == "");
  CHECK(by("%Y-%j", "2025-366") == "");
  for (const char* pattern : {"%Q", "%d", "%H:%M", "%", "%Y-%m-%", "", "days"})
    CHECK_THROWS_AS(DateFormat::parse(pattern), Error);
}

TEST_CASE("which comes first is decided over the column") {
  const auto decide = [](std::initializer_list<const char*> column) {
    OrderDecision decision;
    std::uint64_t line = 1;
    for (const char* text : column) decision.see(text, ++line);
    return decision.decide("t.csv", "created");
  };
  CHECK(decide({}) == DayOrder::kUnknown);
  CHECK(decide({"2025-03-31", "no date", "3.4.2025"}) == DayOrder::kUnknown);
  CHECK(decide({"3/4/2025", "31/3/2025", "99/99/2025"}) == DayOrder::kDayFirst);
  CHECK(decide({"3/4/2025", "3/31/2025 10:00"}) == DayOrder::kMonthFirst);
  CHECK_THROWS_WITH_AS(decide({"3/4/2025", "4/4/2025"}),
                       doctest::Contains("\"3/4/2025\" in line 2"), Error);
  CHECK_THROWS_WITH_AS(decide({"31/4/2024", "3/31/2025", "30/4/2024"}),
                       doctest::Contains("contradict each other"), Error);
}
