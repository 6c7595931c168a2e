// Dates: whatever is read lies in the years that can be read, is read the same way again, and
// belongs to one period of each kind; which order of day and month a date allows is what it is read
// with; patterns read back what they wrote.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "trends/date_parser.h"
#include "trends/day_order.h"
#include "trends/periods.h"
#include "trends/words.h"
#include "valence/error.h"

namespace {

using namespace valence;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_time(const ParsedTime& time) {
  const Day day = day_of_seconds(time.seconds);
  // A day more at both ends, for offsets.
  require(day >= -354'287 && day <= 2'932'898);
  for (const PeriodName& entry : period_names()) {
    const Period period = period_of(day, entry.kind);
    require(first_day(period, entry.kind) <= day && day < first_day(period + 1, entry.kind));
    require(!period_name(period, entry.kind).empty());
  }
  // What we write is read as the same.
  if (time.seconds < 0 || time.seconds > 253'000'000'000) return;
  const auto again = DateFormat().read(date_and_time_of(time.seconds) + "Z");
  require(again && again->absolute && again->seconds == time.seconds);
  const auto by_pattern = DateFormat::parse("%FT%T").read(date_and_time_of(time.seconds));
  require(by_pattern && by_pattern->seconds == time.seconds);
}

void check_order(std::string_view text) {
  const OrderEvidence evidence = order_evidence(text);
  const bool day = DateFormat(DayOrder::kDayFirst).read(text).has_value();
  const bool month = DateFormat(DayOrder::kMonthFirst).read(text).has_value();
  if (evidence == OrderEvidence::kEither) require(day && month);
  if (evidence == OrderEvidence::kDayFirst) require(day && !month);
  if (evidence == OrderEvidence::kMonthFirst) require(month && !day);
  if (evidence == OrderEvidence::kEither || evidence == OrderEvidence::kNone) require(day == month);
}

void check_pattern(const std::string& pattern, std::string_view text) {
  try {
    if (const auto time = DateFormat::parse(pattern).read(text)) check_time(*time);
  } catch (const Error&) {
    return;
  }
}

void check_words(std::string_view text) {
  std::vector<std::string> words;
  split_words(text, words);
  for (std::size_t i = 0; i < words.size(); ++i)
    require(words[i].size() <= 40 && (!words[i].empty() || i == 0 || !words[i - 1].empty()));
  require(cut_text(text, 10).size() <= 10);
}

}  // namespace

// The first line is the text, the rest a pattern.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  const std::string_view text = input.substr(0, line);
  for (const DayOrder order : {DayOrder::kUnknown, DayOrder::kDayFirst, DayOrder::kMonthFirst})
    if (const auto time = DateFormat(order).read(text)) check_time(*time);
  for (const char* name : {"unix", "unix-ms"})
    if (const auto time = DateFormat::parse(name).read(text)) check_time(*time);
  check_order(text);
  check_words(input);
  if (line != std::string_view::npos) check_pattern(std::string(input.substr(line + 1)), text);
  return 0;
}
