#include "apps/cli/trends_input.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "apps/cli/temporary_file.h"
#include "data/columns.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

bool is_in(const std::vector<std::string>& columns, const std::string& name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

// What was named, else the usual name where there is such a column, else none.
std::string named_or_usual(const std::vector<std::string>& columns, const std::string& named,
                           const std::string& usual) {
  if (!named.empty()) return named;
  return is_in(columns, usual) ? usual : std::string();
}

class TableInput final : public TrendsInput {
 public:
  TableInput(const TrendsSettings& s, const WorthMap& worths)
      : worths_(worths), name_(s.input == "-" ? "standard input" : s.input) {
    path_ = s.input;
    if (s.input == "-") keep_standard_input();
    format_ = &table_format(s.input, s.input_format);
    delimiter_ = delimiter_for(*format_, s.delimiter);
    choose_columns(s);
    open(true);  // looks for the columns
  }

  std::unique_ptr<RecordSource> open(bool texts) const override {
    RecordColumns columns = columns_;
    if (!texts) columns.text.clear();
    return std::make_unique<TableRecords>(reader(), columns, worths_, name_);
  }

  bool has_texts() const override { return !columns_.text.empty(); }

  void describe(TrendReport& report) const override {
    report.source = name_;
    report.source_format = format_->name;
    report.options.time_column = columns_.time;
    report.options.label_column = columns_.label;
    report.options.score_column = columns_.score;
    report.options.text_column = columns_.text;
    report.options.group_column = columns_.group;
  }

 private:
  std::unique_ptr<RowReader> reader() const {
    ReadOptions read;
    read.origin = name_;
    read.delimiter = delimiter_;
    read.fixed_columns = true;
    read.pass_over_others = true;
    read.texts = false;
    return format_->make_reader(open_source(path_), read);
  }

  // It is read more than once.
  void keep_standard_input() {
    const auto source = open_source("-");
    kept_ = std::make_unique<TemporaryFile>();
    std::vector<char> block(std::size_t{1} << 16);
    while (const std::size_t count = source->read(block)) kept_->write({block.data(), count});
    path_ = kept_->path();
  }

  void choose_columns(const TrendsSettings& s) {
    const std::vector<std::string> columns = reader()->columns();
    const auto time = usual_time_column(columns);
    if (s.time_column.empty() && !time) find_column(columns, "time", name_, "--time-column");
    columns_.time = s.time_column.empty() ? *time : s.time_column;
    columns_.label = s.label_column.empty() ? "label" : s.label_column;
    if (!is_in(columns, columns_.label) && s.label_column.empty())
      throw Error(ErrorCode::kNotFound,
                  name_ +
                      ": there is no column \"label\"; name that of the labels with "
                      "--label-column, or have the texts labelled now: --label");
    columns_.score = named_or_usual(columns, s.score_column, "score");
    columns_.text = named_or_usual(columns, s.text_column, "text");
    columns_.group = s.by;
  }

  WorthMap worths_;
  std::string name_;
  std::string path_;
  std::unique_ptr<TemporaryFile> kept_;
  const RowFormat* format_ = nullptr;
  char delimiter_ = 0;
  RecordColumns columns_;
};

class StoreInput final : public TrendsInput {
 public:
  StoreInput(const TrendsSettings& s, const WorthMap& worths)
      : worths_(worths), store_(s.input, ResultStore::Mode::kRead) {
    if (!s.label_column.empty() || !s.score_column.empty() || !s.text_column.empty())
      throw Error(ErrorCode::kInvalidArgument,
                  s.input +
                      " is a log: it knows its labels, scores and texts; --label-column, "
                      "--score-column and --text-column are for tables");
    if (s.time_column != "labelled_at") columns_.time = s.time_column;
    columns_.group = s.by;
    check_column(columns_.time, "--time-column");
    check_column(columns_.group, "--by");
  }

  std::unique_ptr<RecordSource> open(bool texts) const override {
    ResultQuery query;
    query.texts = texts;
    return std::make_unique<StoreRecords>(store_, query, columns_, worths_);
  }

  bool has_texts() const override { return true; }

  void describe(TrendReport& report) const override {
    report.source = store_.path().string();
    report.source_format = "sqlite";
    report.options.time_column = columns_.time.empty() ? "labelled_at" : columns_.time;
    report.options.label_column = "label";
    report.options.score_column = "score";
    report.options.text_column = "text";
    report.options.group_column = columns_.group;
    const std::vector<std::string> models = store_.summary().models;
    if (models.size() == 1) report.model = models.front();
  }

 private:
  // Rows may have different columns: those of the newest ones are what there is to choose from.
  void check_column(const std::string& name, const char* flag) const {
    if (name.empty() || name == "model" || name == "source") return;
    constexpr std::int64_t kRowsLookedAt = 1000;
    ResultQuery newest;
    newest.order = ResultQuery::Order::kNewest;
    newest.limit = kRowsLookedAt;
    newest.texts = newest.scores = false;
    std::vector<std::string> columns{"labelled_at", "model", "source"};
    ResultCursor cursor = store_.read(newest);
    for (StoredResult row; cursor.next(row);)
      for (const auto& [column, value] : row.columns)
        if (!is_in(columns, column)) columns.push_back(column);
    find_column(columns, name, store_.path().string(), flag);
  }

  WorthMap worths_;
  ResultStore store_;
  StoreColumns columns_;
};

}  // namespace

std::unique_ptr<TrendsInput> open_trends_input(const TrendsSettings& settings,
                                               const WorthMap& worths) {
  if (settings.input != "-" && is_result_store(settings.input))
    return std::make_unique<StoreInput>(settings, worths);
  return std::make_unique<TableInput>(settings, worths);
}

}  // namespace valence::cli
