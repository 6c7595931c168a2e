#include "trends/day_order.h"

#include "trends/date_forms.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::uint64_t kRowsForOrder = 10000;  // seen at least, to find contradictions

}  // namespace

OrderEvidence order_evidence(std::string_view text) {
  text = trimmed_date(text);
  if (!is_numeric_date(text)) return OrderEvidence::kNone;
  if (text[DateScanner(text).digits()] == '.') return OrderEvidence::kNone;
  const bool day = DateFormat(DayOrder::kDayFirst).read(text).has_value();
  const bool month = DateFormat(DayOrder::kMonthFirst).read(text).has_value();
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
  if (example->line == 0) *example = {line, std::string(trimmed_date(text))};
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
