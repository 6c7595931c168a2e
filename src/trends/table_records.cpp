#include "trends/table_records.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "data/columns.h"
#include "data/labels.h"

namespace valence {
namespace {

constexpr auto kTimeNames = std::to_array<std::string_view>(
    {"time", "date", "created", "created_at", "timestamp", "labelled_at"});

bool is_in(std::span<const std::string> columns, std::string_view name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

}  // namespace

std::optional<std::string> usual_time_column(std::span<const std::string> columns) {
  for (const std::string_view name : kTimeNames)
    if (is_in(columns, name)) return std::string(name);
  return std::nullopt;
}

TableRecords::TableRecords(std::unique_ptr<RowReader> rows, const RecordColumns& columns,
                           const WorthMap& worths, const std::string& origin)
    : rows_(std::move(rows)),
      origin_(origin),
      time_(find(columns.time, "--time-column")),
      label_(find(columns.label, "--label-column")),
      score_(find(columns.score, "--score-column")),
      group_(find(columns.group, "--by")),
      text_(find(columns.text, "--text-column")),
      line_(find(columns.line, "line")),
      polarity_(find(columns.polarity, "polarity")) {
  if (score_ && !polarity_) find_scores(columns.score, worths);
}

TableRecords::Place TableRecords::find(const std::string& name, const char* flag) const {
  if (name.empty()) return std::nullopt;
  return find_column(rows_->columns(), name, origin_, flag);
}

void TableRecords::find_scores(const std::string& score, const WorthMap& worths) {
  const std::vector<std::string>& columns = rows_->columns();
  const std::string prefix = score + "_";
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].starts_with(prefix)) continue;
    const std::string label = columns[i].substr(prefix.size());
    // "score_2" beside "label_2" is that of the second best label.
    if (is_in(columns, "label_" + label)) continue;
    labels.push_back(label);
    score_places_.push_back(i);
  }
  if (labels.size() > 1) worths_ = worths_of(labels, worths);
}

std::string_view TableRecords::value(const Place& place) const {
  return place ? std::string_view(row_.values[*place]) : std::string_view();
}

std::optional<double> TableRecords::polarity() const {
  if (polarity_) return number_of_label(value(polarity_));
  if (worths_.empty()) return std::nullopt;
  double sum = 0;
  for (std::size_t i = 0; i < score_places_.size(); ++i) {
    const std::optional<double> score = number_of_label(row_.values[score_places_[i]]);
    if (!score) return std::nullopt;
    sum += *score * worths_[i];
  }
  return sum;
}

bool TableRecords::next(Record& record) {
  if (!rows_->next(row_)) return false;
  record = Record{};
  record.line = row_.line;
  record.error = row_.error;
  if (!row_.error.empty()) return true;
  if (line_) {
    const std::string_view line = value(line_);
    std::from_chars(line.data(), line.data() + line.size(), record.line);
  }
  record.time = value(time_);
  record.label = value(label_);
  record.group = value(group_);
  record.text = value(text_);
  if (score_) record.score = number_of_label(value(score_));
  record.polarity = polarity();
  return true;
}

}  // namespace valence
