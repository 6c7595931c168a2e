// Texts labelled for trends: classify's own pipeline, with a temporary table at its end.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "apps/cli/default_model.h"
#include "apps/cli/labelling.h"
#include "apps/cli/terminal.h"
#include "apps/cli/trends_input.h"
#include "base/processors.h"
#include "base/temporary_file.h"
#include "data/columns.h"
#include "data/csv_reader.h"
#include "data/csv_writer.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

constexpr const char* kHeader = "line,time,group,text,label,score,polarity\n";

// Keeps of each row what trends are made of.
class KeepingSink final : public RowSink {
 public:
  KeepingSink(TemporaryFile& file, std::size_t time, std::optional<std::size_t> group,
              std::vector<double> worths)
      : file_(file), time_(time), group_(group), worths_(std::move(worths)) {}

  void begin() override { file_.write(kHeader); }

  void write(std::span<const LabeledRow> rows, const Tally& /*after*/) override {
    std::string text;
    for (const LabeledRow& row : rows) {
      const std::vector<LabelScore>& scores = row.answer.scores;
      const bool good = row.row.error.empty() && !scores.empty();
      text += std::to_string(row.row.line);
      append(row.row.values[time_], text);
      append(group_ ? row.row.values[*group_] : "", text);
      append(row.row.text, text);
      append(good ? scores.front().label : "", text);
      append(good ? std::to_string(scores.front().score) : "", text);
      append(good && !worths_.empty() ? std::to_string(polarity(scores)) : "", text);
      text += '\n';
    }
    file_.write(text);
  }

 private:
  static void append(std::string_view value, std::string& out) {
    out += ',';
    append_csv_value(value, ',', out);
  }

  double polarity(const std::vector<LabelScore>& scores) const {
    double sum = 0;
    for (const LabelScore& score : scores)
      sum += static_cast<double>(score.score) * worths_[static_cast<std::size_t>(score.id)];
    return sum;
  }

  TemporaryFile& file_;
  std::size_t time_;
  std::optional<std::size_t> group_;
  std::vector<double> worths_;
};

class LabelledInput final : public ReportInput {
 public:
  LabelledInput(const TrendsSettings& s, const WorthMap& worths)
      : name_(s.input == "-" ? "standard input" : s.input),
        format_(table_format(s.input, s.input_format)) {
    if (!s.label_column.empty() || !s.score_column.empty())
      throw Error(ErrorCode::kInvalidArgument,
                  "--label-column and --score-column are for rows that have labels; leave them or "
                  "--label and --model out");
    const auto reader = open_texts(s);
    find_columns(s, reader->columns());
    label(s, worths, *reader);
  }

  std::unique_ptr<RecordSource> open(bool texts) const override {
    ReadOptions read;
    read.origin = "the labelled rows";
    read.texts = false;
    RecordColumns columns{"time",
                          "label",
                          "score",
                          group_.empty() ? "" : "group",
                          "",
                          "line",
                          has_polarity_ ? "polarity" : ""};
    if (texts) columns.text = "text";
    return std::make_unique<TableRecords>(
        std::make_unique<CsvReader>(open_source(kept_.path()), read), columns, WorthMap(),
        read.origin);
  }

  bool has_texts() const override { return true; }

  void describe(TrendReport& report) const override {
    report.source = name_;
    report.source_format = format_.name;
    report.model = model_;
    report.options.time_column = time_;
    report.options.text_column = text_;
    report.options.group_column = group_;
  }

 private:
  std::unique_ptr<RowReader> open_texts(const TrendsSettings& s) {
    ReadOptions read;
    read.origin = name_;
    read.delimiter = delimiter_for(format_, s.delimiter);
    read.fixed_columns = true;
    read.pass_over_others = true;
    if (!s.text_column.empty()) read.text_column = s.text_column;
    text_ = s.text_column.empty() ? "text" : s.text_column;
    return format_.make_reader(open_source(s.input), read);
  }

  void find_columns(const TrendsSettings& s, const std::vector<std::string>& columns) {
    time_ = s.time_column.empty() ? usual_time_column(columns).value_or("time") : s.time_column;
    time_place_ = find_column(columns, time_, name_, "--time-column");
    group_ = s.by;
    if (!group_.empty()) group_place_ = find_column(columns, group_, name_, "--by");
  }

  void label(const TrendsSettings& s, const WorthMap& worths, RowReader& reader) {
    const char* usual = std::getenv("VALENCE_MODEL");
    const std::string path = !s.model.empty() || usual == nullptr ? s.model : usual;
    const Classifier classifier = load_classifier(path, load_options_of(s.engine));
    model_ = path.empty() ? kBuiltIn : path;
    const std::vector<double> by_id = worths_of(classifier.info().labels, worths);
    has_polarity_ = !by_id.empty();
    KeepingSink sink(kept_, time_place_, group_place_, by_id);
    ProgressBar progress(is_terminal(stderr) && !s.quiet);
    label_rows({reader, sink, classifier, ClassifyOptions(),
                s.engine.threads == 0 ? available_processors() : s.engine.threads, name_, false,
                false, progress});
  }

  std::string name_;
  const RowFormat& format_;
  std::string time_, text_, group_, model_;
  std::size_t time_place_ = 0;
  std::optional<std::size_t> group_place_;
  bool has_polarity_ = false;
  TemporaryFile kept_;
};

}  // namespace

std::unique_ptr<ReportInput> label_trends_input(const TrendsSettings& settings,
                                                const WorthMap& worths) {
  return std::make_unique<LabelledInput>(settings, worths);
}

}  // namespace valence::cli
