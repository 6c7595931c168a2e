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
#include "trends/make_report.h"
#include "trends/report_formats.h"
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
  return report_time(now);
}

class Trends {
 public:
  Trends(const TrendsSettings& settings, TrendsPlan plan)
      : s_(settings), plan_(std::move(plan)), bar_(is_terminal(stderr) && !s_.quiet) {}

  int run() {
    const auto input = s_.label || !s_.model.empty() ? label_trends_input(s_, plan_.worths)
                                                     : open_trends_input(s_, plan_.worths);
    report_ = make_report(*input, report_plan());
    bar_.clear();
    for (const std::string& path : s_.outputs) write(path);
    tell();
    return kOk;
  }

 private:
  ReportPlan report_plan() {
    ReportPlan plan;
    plan.title = s_.input == "-" ? "standard input" : fs::path(s_.input).filename().string();
    plan.period = plan_.period;
    plan.from = plan_.from;
    plan.to = plan_.to;
    plan.date_format = s_.date_format;
    plan.time_zone = s_.time_zone;
    plan.options.min_count = s_.min_count;
    plan.options.max_groups = s_.max_groups;
    plan.options.worths = plan_.worths;
    plan.progress = [this](std::uint64_t rows, std::uint64_t bytes, std::uint64_t total) {
      if (rows == 0)
        bar_.start(0);
      else
        bar_.show(rows, bytes, total);
    };
    return plan;
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
  ProgressBar bar_;
  TrendReport report_;
};

}  // namespace

Action define_trends(CLI::App& app) {
  const auto settings = std::make_shared<TrendsSettings>();
  declare_trends(app, *settings);
  return [settings] { return Trends(*settings, check_trends(*settings)).run(); };
}

}  // namespace valence::cli
