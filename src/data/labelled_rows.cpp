#include "data/labelled_rows.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/json.h"
#include "data/columns.h"
#include "data/row_formats.h"
#include "valence/error.h"

namespace valence {
namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kSpace) - begin + 1));
}

std::unique_ptr<RowReader> open_rows(const std::filesystem::path& path,
                                     const LabelledReadOptions& options) {
  const RowFormat& format = table_format(path, options.format);
  ReadOptions read;
  read.origin = path.string();
  read.text_column = options.text_column;
  read.delimiter = delimiter_for(format, options.delimiter);
  read.fixed_columns = true;
  return format.make_reader(open_source(path), read);
}

bool is_answer(const LabelMap& map, const std::string& label) {
  return std::any_of(map.begin(), map.end(),
                     [&](const auto& entry) { return entry.second == label; });
}

// Replaces labels as they are written by what the map makes of them; says what is wrong, or
// nothing.
std::string apply_map(const LabelMap& map, std::vector<std::string>& labels) {
  if (map.empty()) return {};
  for (std::string& label : labels) {
    if (const auto found = map.find(label); found != map.end())
      label = found->second;
    else if (!is_answer(map, label))
      return "the label \"" + excerpt(label) + "\" is not in the label map";
  }
  return {};
}

// Takes a row over into the result, or counts why not.
void take(Row& row, const std::string& cell, const LabelledReadOptions& options,
          LabelledRows& result) {
  std::vector<std::string> labels =
      options.several ? split_labels(cell) : std::vector<std::string>{trimmed(cell)};
  std::string problem = row.error;
  if (problem.empty() && !options.several && labels.front().empty())
    problem = "the row has no label in the column \"" + options.label_column + "\"";
  if (problem.empty()) problem = apply_map(options.label_map, labels);
  if (!problem.empty()) {
    if (result.unusable++ == 0)
      result.first_problem = "line " + std::to_string(row.line) + ": " + problem;
    return;
  }
  const std::size_t given = labels.size();
  std::erase(labels, std::string());
  if (labels.empty() && given > 0)
    ++result.dropped;
  else
    result.rows.push_back({std::move(row.text), std::move(labels), row.line});
}

}  // namespace

LabelMap parse_label_map(std::string_view text) {
  LabelMap map;
  std::string key;
  std::string part;
  bool in_answer = false;
  const auto end_pair = [&] {
    if (!in_answer)
      throw Error(ErrorCode::kInvalidArgument,
                  "a label map is written GIVEN=LABEL,GIVEN=LABEL; \"" + part + "\" has no =");
    if (!map.emplace(trimmed(key), trimmed(part)).second)
      throw Error(ErrorCode::kInvalidArgument, "the label map names \"" + key + "\" twice");
    part.clear();
    in_answer = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      part += text[++i];
    } else if (text[i] == '=' && !in_answer) {
      key = std::exchange(part, {});
      in_answer = true;
    } else if (text[i] == ',') {
      end_pair();
    } else {
      part += text[i];
    }
  }
  end_pair();
  return map;
}

LabelledRows read_labelled_rows(const std::filesystem::path& path,
                                const LabelledReadOptions& options) {
  const auto reader = open_rows(path, options);
  const std::size_t column =
      find_column(reader->columns(), options.label_column, path.string(), "--label-column");
  LabelledRows result;
  Row row;
  while (reader->next(row)) {
    take(row, column < row.values.size() ? row.values[column] : "", options, result);
  }
  return result;
}

std::vector<std::string> split_labels(std::string_view cell) {
  std::vector<std::string> labels;
  const std::string text = trimmed(cell);
  if (text.starts_with('[')) {
    const Json list = Json::parse(text, nullptr, false);
    if (list.is_array()) {
      for (const Json& item : list)
        labels.push_back(item.is_string() ? item.get<std::string>() : item.dump());
      return labels;
    }
  }
  const std::size_t found = text.find_first_of("|;,");
  const char separator = found == std::string::npos ? '|' : text[found];
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (std::string label = trimmed(std::string_view(text).substr(begin, end - begin));
        !label.empty())
      labels.push_back(std::move(label));
    begin = end + 1;
  }
  return labels;
}

}  // namespace valence
