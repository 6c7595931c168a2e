#include "trends/table_input.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "data/columns.h"
#include "valence/error.h"

namespace valence {
namespace {

bool is_in(const std::vector<std::string>& columns, const std::string& name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

}  // namespace

TableInput::TableInput(Table table, const WorthMap& worths)
    : table_(std::move(table)), worths_(worths) {
  choose_columns();
  open(true);  // looks for the columns
}

std::unique_ptr<RecordSource> TableInput::open(bool texts) const {
  RecordColumns columns = table_.columns;
  if (!texts) columns.text.clear();
  return std::make_unique<TableRecords>(reader(), columns, worths_, table_.name);
}

void TableInput::describe(TrendReport& report) const {
  report.source = table_.name;
  report.source_format = table_.format->name;
  report.options.time_column = table_.columns.time;
  report.options.label_column = table_.columns.label;
  report.options.score_column = table_.columns.score;
  report.options.text_column = table_.columns.text;
  report.options.group_column = table_.columns.group;
}

std::unique_ptr<RowReader> TableInput::reader() const {
  ReadOptions read;
  read.origin = table_.name;
  read.delimiter = table_.delimiter;
  read.fixed_columns = true;
  read.pass_over_others = true;
  read.texts = false;
  return table_.format->make_reader(open_source(table_.path), read);
}

void TableInput::choose_columns() {
  const std::vector<std::string> columns = reader()->columns();
  RecordColumns& chosen = table_.columns;
  if (chosen.time.empty()) {
    const auto time = usual_time_column(columns);
    if (!time) find_column(columns, "time", table_.name, "--time-column");
    chosen.time = *time;
  }
  if (chosen.label.empty()) {
    if (!is_in(columns, "label"))
      throw Error(ErrorCode::kNotFound,
                  table_.name +
                      ": there is no column \"label\"; name that of the labels with "
                      "--label-column, or have the texts labelled now: --label");
    chosen.label = "label";
  }
  if (chosen.score.empty() && is_in(columns, "score")) chosen.score = "score";
  if (chosen.text.empty() && is_in(columns, "text")) chosen.text = "text";
}

}  // namespace valence
