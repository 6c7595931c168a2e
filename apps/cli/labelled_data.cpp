#include "apps/cli/labelled_data.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "apps/cli/tally.h"
#include "data/columns.h"
#include "data/row_formats.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

constexpr std::size_t kNamesShown = 10;

LabelledReadOptions read_options_of(const LabelledSettings& s, Task task) {
  LabelledReadOptions options;
  options.text_column = s.text_column;
  options.label_column = s.label_column;
  if (!s.label_map.empty()) options.label_map = parse_label_map(s.label_map);
  options.several = task == Task::kMultiLabel;
  options.format = s.input_format;
  options.delimiter = s.delimiter;
  return options;
}

void add_problem(LabelledData& data, std::size_t count, const std::string& first) {
  if (data.unusable == 0) data.first_problem = first;
  data.unusable += count;
}

void keep_numbers(LabelledData& data, const std::string& file, std::vector<LabelledRow>& rows) {
  std::erase_if(rows, [&](const LabelledRow& row) {
    if (number_of_label(row.labels.front())) return false;
    add_problem(data, 1,
                file + ": line " + std::to_string(row.line) + ": the label \"" +
                    excerpt(row.labels.front()) + "\" is no number, as the model's answers are");
    return true;
  });
}

// A file is often sorted by label: the first rows would be of one class.
void spread_evenly(std::vector<LabelledRow>& rows, std::size_t limit) {
  if (limit == 0 || rows.size() <= limit) return;
  for (std::size_t i = 0; i < limit; ++i) {
    const std::size_t from = i * rows.size() / limit;
    if (from != i) rows[i] = std::move(rows[from]);
  }
  rows.resize(limit);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
    text += (i == 0 ? "\"" : ", \"") + excerpt(names[i]) + "\"";
  return names.size() > kNamesShown ? text + ", ..." : text;
}

}  // namespace

Task task_of(const ModelInfo& model) {
  if (model.problem_type == "multi_label_classification") return Task::kMultiLabel;
  if (model.problem_type != "regression") return Task::kSingleLabel;
  if (model.labels.size() > 1)
    throw Error(ErrorCode::kUnsupported,
                model.path + ": a regression model with " + std::to_string(model.labels.size()) +
                    " numbers a text cannot be evaluated, only one with a single number");
  return Task::kRegression;
}

void check_labelled_settings(const LabelledSettings& s) {
  read_options_of(s, Task::kSingleLabel);
  for (const std::string& file : s.data)
    if (!std::filesystem::exists(file))
      throw Error(ErrorCode::kNotFound, "there is no file " + file);
}

LabelledData read_labelled_data(const LabelledSettings& s, Task task) {
  LabelledData data;
  for (const std::string& file : s.data) {
    data.files += (data.files.empty() ? "" : ", ") + file;
    LabelledRows rows = read_labelled_rows(file, read_options_of(s, task));
    if (rows.unusable > 0) add_problem(data, rows.unusable, file + ": " + rows.first_problem);
    data.dropped += rows.dropped;
    if (task == Task::kRegression) keep_numbers(data, file, rows.rows);
    std::move(rows.rows.begin(), rows.rows.end(), std::back_inserter(data.rows));
  }
  spread_evenly(data.rows, s.limit);
  if (data.rows.empty())
    throw Error(
        ErrorCode::kInvalidArgument,
        data.files + ": there is no usable row" +
            (data.first_problem.empty() ? "" : "; the first problem: " + data.first_problem));
  return data;
}

void check_label_names(const LabelledData& data, std::span<const std::string> names) {
  std::set<std::string> unknown;
  for (const LabelledRow& row : data.rows)
    for (const std::string& label : row.labels)
      if (!find_label(names, label)) unknown.insert(label);
  if (unknown.empty()) return;
  const std::vector<std::string> theirs(unknown.begin(), unknown.end());
  const std::vector<std::string> ours(names.begin(), names.end());
  throw Error(ErrorCode::kInvalidArgument,
              data.files + ": the model does not have " +
                  (theirs.size() == 1 ? "the label " : "the labels ") + listed(theirs) +
                  "; its labels are " + listed(ours) +
                  "; say what the data's stand for, for example --label-map \"" +
                  excerpt(theirs.front()) + "=" + ours.front() + ",...\"");
}

std::string told_rows(const LabelledData& data) {
  std::string text;
  const auto rows = [](std::size_t count) {
    return grouped(count) + (count == 1 ? " row" : " rows");
  };
  if (data.unusable > 0)
    text += rows(data.unusable) + " unusable; the first: " + data.first_problem + "\n";
  if (data.dropped > 0) text += rows(data.dropped) + " dropped by the label map\n";
  return text;
}

}  // namespace valence::cli
