#include "apps/cli/trends_settings.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "data/row_formats.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 4> kEndings{".html", ".json", ".csv", ".svg"};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::kInvalidArgument, why);
}

std::optional<Day> day_of(const std::string& text, const char* option) {
  if (text.empty()) return std::nullopt;
  const auto time = DateFormat().read(text);
  if (!time || time->absolute || time->time_of_day)
    refuse(std::string(option) + " is a day like 2025-03-31, not \"" + text + "\"");
  return day_of_seconds(time->seconds);
}

PeriodKind period_of(const std::string& name) {
  for (const PeriodName& entry : period_names())
    if (entry.name == name) return entry.kind;
  return PeriodKind::kMonth;
}

void check_outputs(const TrendsSettings& s) {
  for (const std::string& path : s.outputs) {
    const std::string ending = fs::path(path).extension().string();
    if (std::find(kEndings.begin(), kEndings.end(), ending) == kEndings.end())
      refuse("the name " + path +
             " does not say what to write: it ends with .html, .json, .csv or "
             ".svg");
    if (fs::exists(path) && !s.force) refuse(path + " is there already; --force replaces it");
    if (fs::exists(path) && fs::exists(s.input) && fs::equivalent(path, s.input))
      refuse(path + " is the input; choose another name");
  }
}

void declare_columns(CLI::App& app, TrendsSettings& s) {
  app.add_option(
         "--time-column", s.time_column,
         "column with dates or times [time, date, created, created_at or timestamp; of logs "
         "labelled_at]")
      ->type_name("NAME");
  app.add_option("--label-column", s.label_column, "column with the labels [label]")
      ->type_name("NAME");
  app.add_option("--score-column", s.score_column, "column with the labels' scores [score]")
      ->type_name("NAME");
  app.add_option("-c,--text-column", s.text_column, "column with the texts [text]")
      ->type_name("NAME");
  app.add_option("--by", s.by, "a report for each value of this column, too")->type_name("NAME");
  app.add_option("--input-format", s.input_format, "instead of what the file's name says")
      ->check(CLI::IsMember({"csv", "tsv", "jsonl"}));
  app.add_option("--delimiter", s.delimiter, "character between the fields of CSV, or \"tab\" [,]")
      ->type_name("CHAR");
}

}  // namespace

void declare_trends(CLI::App& app, TrendsSettings& s) {
  app.add_option(
         "input", s.input,
         "labelled rows: CSV, TSV or JSONL, gzip or not; a log of classify --append or serve "
         "--store; \"-\" is standard input")
      ->required()
      ->option_text("FILE");
  app.add_option("-o,--output", s.outputs,
                 "write FILE.html, .json, .csv or .svg instead of a table; may be given again")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag("--json", s.json, "print JSON");
  declare_columns(app, s);
  std::vector<std::string> periods;
  for (const PeriodName& entry : period_names()) periods.emplace_back(entry.name);
  app.add_option("--period", s.period, "rows are put together by")
      ->capture_default_str()
      ->check(CLI::IsMember(periods));
  app.add_option("--from", s.from, "first day that counts")->type_name("DATE");
  app.add_option("--to", s.to, "last day that counts")->type_name("DATE");
  app.add_option("--time-zone", s.time_zone, "whose days are meant, like Europe/Berlin")
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option("--date-format", s.date_format,
                 "how dates are written: iso, day-first, month-first, unix, unix-ms, or a pattern "
                 "like %d.%m.%y [found out]")
      ->type_name("FORMAT");
  app.add_option("--polarity", s.polarity,
                 "what labels are worth, from -1 to 1 [by their names]: praise=1,complaint=-1")
      ->type_name("LABEL=WORTH,...");
  app.add_option("--min-count", s.min_count, "periods with fewer texts are shown as uncertain")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--max-groups", s.max_groups, "with --by: the largest ones that are told apart")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_flag("--label", s.label,
               "label the texts first, with the model of VALENCE_MODEL or the built-in one");
  app.add_option("-m,--model", s.model, "label the texts first, with this model")
      ->type_name("PATH");
  declare_engine(app, s.engine);
  app.add_flag("--force", s.force, "replace files of -o that are there");
  app.add_flag("-q,--quiet", s.quiet, "no progress, no notes");
  app.footer("docs/trends.md says what is computed and how. Exit codes: as of valence classify.");
}

TrendsPlan check_trends(const TrendsSettings& s) {
  if (s.input != "-" && !fs::exists(s.input))
    throw Error(ErrorCode::kNotFound, "there is no file " + s.input);
  if (s.input == "-" && s.input_format.empty())
    refuse("name the format of standard input: --input-format csv, tsv or jsonl");
  if (s.json && !s.outputs.empty())
    refuse("--json prints; -o FILE.json writes a file; leave one out");
  check_outputs(s);
  TrendsPlan plan;
  plan.period = period_of(s.period);
  plan.from = day_of(s.from, "--from");
  plan.to = day_of(s.to, "--to");
  if (plan.from && plan.to && *plan.to < *plan.from) refuse("--to is before --from");
  if (!s.polarity.empty()) plan.worths = parse_worths(s.polarity);
  if (!s.date_format.empty()) plan.date_format = DateFormat::parse(s.date_format);
  return plan;
}

}  // namespace valence::cli
