#include "trends/make_report.h"

#include <memory>
#include <utility>
#include <vector>

#include "data/labels.h"
#include "data/ordered_pipeline.h"
#include "trends/day_order.h"
#include "trends/explain.h"
#include "trends/record_batch.h"
#include "trends/tallies.h"
#include "trends/time_reader.h"
#include "valence/error.h"

namespace valence {
namespace {

std::string rows_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " row" : " rows");
}

class Maker {
 public:
  Maker(const ReportInput& input, const ReportPlan& plan) : input_(input), plan_(plan) {}

  TrendReport make() {
    TimeZone zone(plan_.time_zone);
    report_.title = plan_.title;
    input_.describe(report_);
    const TimeReader times(find_date_format(), std::move(zone));
    report_.options.period = plan_.period;
    report_.options.time_zone = times.zone().name();
    report_.options.from = plan_.from;
    report_.options.to = plan_.to;
    count(times);
    explain(times);
    return std::move(report_);
  }

 private:
  // One thread reads and parses, while this one counts.
  template <typename See>
  void read_all(bool texts, const See& see) const {
    const auto source = input_.open(texts);
    const std::uint64_t total = source->total();  // while no other thread reads
    std::uint64_t rows = 0;
    const auto tell = [&](std::uint64_t bytes) {
      if (plan_.progress) plan_.progress(rows, bytes, total);
    };
    const auto see_all = [&](const RecordBatch& batch) {
      for (const Record& record : batch.records()) see(record);
      rows += batch.records().size();
      tell(batch.consumed());
    };
    tell(0);
    OrderedPipeline<RecordBatch> pipeline(
        {.read = [&](RecordBatch& batch) { return batch.fill(*source); },
         .work = [](RecordBatch&) {},
         .write = see_all},
        1);
    pipeline.run();
  }

  DateFormat find_date_format() {
    if (!plan_.date_format.empty()) {
      report_.options.date_format = plan_.date_format;
      return DateFormat::parse(plan_.date_format);
    }
    OrderDecision decision;
    const auto source = input_.open(false);
    for (Record record; !decision.settled() && source->next(record);) {
      if (record.utc) break;
      decision.see(record.time, record.line);
    }
    const DayOrder order = decision.decide(report_.source, report_.options.time_column);
    report_.options.date_format = order == DayOrder::kDayFirst     ? "day-first"
                                  : order == DayOrder::kMonthFirst ? "month-first"
                                                                   : "detected";
    if (order != DayOrder::kUnknown)
      report_.notes.push_back("Dates like 3/4/2025 were read with the " +
                              std::string(order == DayOrder::kDayFirst ? "day" : "month") +
                              " first, as line " + std::to_string(decision.decided_by()) +
                              " can be read in no other way.");
    return DateFormat(order);
  }

  void count(const TimeReader& times) {
    TallyOptions options;
    options.period = plan_.period;
    options.from = plan_.from;
    options.to = plan_.to;
    options.origin = report_.source;
    options.label_column = report_.options.label_column;
    options.group_column = report_.options.group_column;
    Tallies tallies(options, times);
    read_all(false, [&](const Record& record) { tallies.add(record); });
    refuse_unusable(tallies);
    build_report(tallies, plan_.period, plan_.options, report_);
    note_unknown_worths();
  }

  void refuse_unusable(const Tallies& tallies) const {
    if (tallies.used() > 0) return;
    std::string why = report_.source + ": there is no row to make a report of";
    for (const SkippedRows& reason : tallies.skipped())
      why += "; " + rows_text(reason.count) + ": " + reason.meaning + ", the first in line " +
             std::to_string(reason.examples.front().line) + ": \"" + reason.examples.front().value +
             "\"";
    if (tallies.outside() > 0)
      why += "; " + rows_text(tallies.outside()) + " outside --from and --to";
    throw Error(ErrorCode::kInvalidArgument, why);
  }

  void note_unknown_worths() {
    for (const auto& [label, worth] : plan_.options.worths) {
      std::vector<std::string> names;
      names.reserve(report_.labels.size());
      for (const ReportLabel& entry : report_.labels) names.push_back(entry.name);
      if (!find_label(names, label))
        report_.notes.push_back("--polarity names the label \"" + label + "\", which no row has.");
    }
  }

  void explain(const TimeReader& times) {
    if (!input_.has_texts()) return;
    Explanation explanation(report_, times);
    if (!explanation.needed()) return;
    read_all(true, [&](const Record& record) { explanation.add(record); });
    explanation.finish();
  }

  const ReportInput& input_;
  const ReportPlan& plan_;
  TrendReport report_;
};

}  // namespace

TrendReport make_report(const ReportInput& input, const ReportPlan& plan) {
  return Maker(input, plan).make();
}

std::string report_time(std::int64_t unix_seconds) {
  return date_and_time_of(unix_seconds) + "Z";
}

}  // namespace valence
