#include "apps/cli/trends_input.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/temporary_file.h"
#include "data/columns.h"
#include "trends/table_input.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

bool is_in(const std::vector<std::string>& columns, const std::string& name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

// Standard input is read more than once: it is kept.
std::unique_ptr<TemporaryFile> keep_standard_input() {
  const auto source = open_source("-");
  auto kept = std::make_unique<TemporaryFile>();
  std::vector<char> block(std::size_t{1} << 16);
  while (const std::size_t count = source->read(block)) kept->write({block.data(), count});
  return kept;
}

std::unique_ptr<ReportInput> open_table(const TrendsSettings& s, const WorthMap& worths) {
  Table table;
  table.path = s.input;
  table.name = s.input == "-" ? "standard input" : s.input;
  table.format = &table_format(s.input, s.input_format);
  table.delimiter = delimiter_for(*table.format, s.delimiter);
  table.columns.time = s.time_column;
  table.columns.label = s.label_column;
  table.columns.score = s.score_column;
  table.columns.text = s.text_column;
  table.columns.group = s.by;
  if (s.input == "-") {
    table.kept = keep_standard_input();
    table.path = table.kept->path();
  }
  return std::make_unique<TableInput>(std::move(table), worths);
}

class StoreInput final : public ReportInput {
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

std::unique_ptr<ReportInput> open_trends_input(const TrendsSettings& settings,
                                               const WorthMap& worths) {
  if (settings.input != "-" && is_result_store(settings.input))
    return std::make_unique<StoreInput>(settings, worths);
  return open_table(settings, worths);
}

}  // namespace valence::cli
