// valence trends: what changed in labelled rows over time, and why.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <utility>

#include "apps/cli/command.h"
#include "apps/cli/progress_bar.h"
#include "apps/cli/tally.h"
#include "apps/cli/terminal.h"
#include "apps/cli/trends_input.h"
#include "apps/cli/trends_settings.h"
#include "apps/cli/trends_table.h"
#include "base/atomic_file.h"
#include "data/labels.h"
#include "trends/build_report.h"
#include "trends/explain.h"
#include "trends/report_formats.h"
#include "trends/tallies.h"
#include "trends/time_reader.h"
#include "valence/error.h"
#include "web/pages.h"

namespace valence::cli {
namespace {

namespace fs = std::filesystem;

// The clock, or SOURCE_DATE_EPOCH for reports that are the same each time.
std::string made_at() {
  std::int64_t now = std::time(nullptr);
  if (const char* fixed = std::getenv("SOURCE_DATE_EPOCH"); fixed != nullptr)
    if (const auto time = DateFormat::parse("unix").read(fixed)) now = time->seconds;
  return date_and_time_of(now) + "Z";
}

template <typename See>
void read_all(RecordSource& source, bool bar, const See& see) {
  constexpr std::uint64_t kRowsBetween = 4096;
  ProgressBar progress(bar);
  progress.start(0);
  std::uint64_t rows = 0;
  for (Record record; source.next(record);) {
    see(record);
    if (++rows % kRowsBetween == 0) progress.show(rows, source.consumed(), source.total());
  }
}

class Trends {
 public:
  Trends(const TrendsSettings& settings, TrendsPlan plan)
      : s_(settings),
        plan_(std::move(plan)),
        bar_(is_terminal(stderr) && !s_.quiet),
        zone_(s_.time_zone) {}

  int run() {
    input_ = s_.label || !s_.model.empty() ? label_trends_input(s_, plan_.worths)
                                           : open_trends_input(s_, plan_.worths);
    input_->describe(report_);
    report_.title = s_.input == "-" ? report_.source : fs::path(s_.input).filename().string();
    const TimeReader times(find_date_format(), std::move(zone_));
    describe_options(times);
    count(times);
    explain(times);
    for (const std::string& path : s_.outputs) write(path);
    tell();
    return kOk;
  }

 private:
  DateFormat find_date_format() {
    if (plan_.date_format) {
      report_.options.date_format = s_.date_format;
      return *plan_.date_format;
    }
    OrderDecision decision;
    const auto source = input_->open(false);
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

  void describe_options(const TimeReader& times) {
    report_.options.period = plan_.period;
    report_.options.time_zone = times.zone().name();
    report_.options.from = plan_.from;
    report_.options.to = plan_.to;
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
    const auto source = input_->open(false);
    read_all(*source, bar_, [&](const Record& record) { tallies.add(record); });
    refuse_unusable(tallies);
    ReportOptions choices;
    choices.min_count = s_.min_count;
    choices.max_groups = s_.max_groups;
    choices.worths = plan_.worths;
    build_report(tallies, plan_.period, choices, report_);
    note_unknown_worths();
  }

  void refuse_unusable(const Tallies& tallies) const {
    if (tallies.used() > 0) return;
    std::string why = report_.source + ": there is no row to make a report of";
    for (const SkippedRows& reason : tallies.skipped())
      why += "; " + counted(reason.count, "row") + ": " + reason.meaning + ", the first in line " +
             std::to_string(reason.examples.front().line) + ": \"" + reason.examples.front().value +
             "\"";
    if (tallies.outside() > 0)
      why += "; " + counted(tallies.outside(), "row") + " outside --from and --to";
    throw Error(ErrorCode::kInvalidArgument, why);
  }

  void note_unknown_worths() {
    for (const auto& [label, worth] : plan_.worths) {
      std::vector<std::string> names;
      for (const ReportLabel& entry : report_.labels) names.push_back(entry.name);
      if (!find_label(names, label))
        report_.notes.push_back("--polarity names the label \"" + label + "\", which no row has.");
    }
  }

  void explain(const TimeReader& times) {
    if (!input_->has_texts()) return;
    Explanation explanation(report_, times);
    if (!explanation.needed()) return;
    const auto source = input_->open(true);
    read_all(*source, bar_, [&](const Record& record) { explanation.add(record); });
    explanation.finish();
  }

  std::string json(int indent) const {
    return report_json(report_, made_at())
        .dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }

  void write(const std::string& path) const {
    const std::string ending = fs::path(path).extension().string();
    AtomicFile file(path);
    if (ending == ".html")
      file.write(web::report_page(json(-1)));
    else if (ending == ".json")
      file.write(json(1) + "\n");
    else if (ending == ".csv")
      file.write(report_csv(report_));
    else
      file.write(report_svg(report_));
    file.commit();
  }

  void tell() const {
    if (s_.json) {
      std::printf("%s\n", json(1).c_str());
      return;
    }
    TableStyle style;
    style.width = is_terminal(stdout) ? terminal_width(stdout) : 0;
    style.colour = wants_colour(stdout);
    if (s_.outputs.empty()) std::fputs(trends_table(report_, style).c_str(), stdout);
    if (s_.quiet) return;
    for (const std::string& path : s_.outputs)
      std::fprintf(stderr, "valence: wrote %s\n", path.c_str());
    std::fputs(trends_notes(report_).c_str(), stderr);
  }

  const TrendsSettings& s_;
  TrendsPlan plan_;
  bool bar_;
  TimeZone zone_;
  std::unique_ptr<TrendsInput> input_;
  TrendReport report_;
};

}  // namespace

Action define_trends(CLI::App& app) {
  const auto settings = std::make_shared<TrendsSettings>();
  declare_trends(app, *settings);
  return [settings] { return Trends(*settings, check_trends(*settings)).run(); };
}

}  // namespace valence::cli
