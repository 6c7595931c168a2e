#include "data/jsonl_reader.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "data/columns.h"
#include "valence/error.h"

namespace valence {
namespace {

// Lines and bytes to look for a first object in.
constexpr std::size_t kLinesAhead = 1000;
constexpr std::size_t kBytesAhead = std::size_t{4} << 20;

std::string clean_object(const Line& line) {
  std::string object = replace_invalid_utf8(line.text);
  object.erase(object.find_last_not_of(" \t\r\n") + 1);
  object.erase(0, object.find_first_not_of(" \t\r\n"));
  return object;
}

}  // namespace

JsonlReader::JsonlReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : RowReader(std::move(source)), options_(options) {
  buffer_.skip_byte_order_mark(options_.origin);
  look_ahead();
}

// Finds the first object, which shows what the members are called.
void JsonlReader::look_ahead() {
  std::size_t bytes = 0;
  std::string first_error;
  while (ahead_.size() < kLinesAhead && bytes < kBytesAhead) {
    std::optional<Line> line = next_line(buffer_);
    if (!line) break;
    bytes += line->text.size();
    ahead_.push_back(std::move(*line));
    if (is_blank(ahead_.back().text)) continue;
    std::string error;
    const std::string object = clean_object(ahead_.back());
    if (const auto members = split_object(object, error)) return learn(*members);
    if (first_error.empty()) first_error = "line " + std::to_string(ahead_.size()) + ": " + error;
  }
  if (!first_error.empty())
    throw Error(ErrorCode::kCorrupt, options_.origin + ": " + first_error +
                                         "; no line before is a JSON object, nor one of the next; "
                                         "is this JSON Lines?");
}

void JsonlReader::learn(const Members& members) {
  std::vector<std::string> names;
  std::vector<std::string> strings;
  for (const JsonMember& member : members) {
    names.push_back(member.name);
    if (member.value.starts_with('"')) strings.push_back(member.name);
  }
  if (names.empty()) names.emplace_back("");
  check_added_columns(names, options_);
  if (options_.fixed_columns) columns_ = names;
  if (!options_.texts) return;
  // "The only column" of an object is its only string.
  const bool lone = !options_.text_column && strings.size() == 1 &&
                    std::find(names.begin(), names.end(), "text") == names.end();
  text_name_ = lone ? strings.front() : names[find_text_column(names, options_)];
}

std::optional<Line> JsonlReader::read_line() {
  ++line_;
  if (ahead_.empty()) return next_line(buffer_);
  Line line = std::move(ahead_.front());
  ahead_.pop_front();
  return line;
}

bool JsonlReader::next(Row& row) {
  std::optional<Line> line = read_line();
  while (line && !line->too_long && is_blank(line->text)) line = read_line();
  if (!line) return false;
  row = Row{};
  row.number = ++rows_;
  row.line = line_;
  row.values.resize(columns_.size());
  if (line->too_long)
    row.error = "the line has more than " + std::to_string(kMaxRowBytes) +
                " bytes, and is not kept; it starts with: " + line->text;
  else
    take(row, clean_object(*line));
  return true;
}

void JsonlReader::take(Row& row, const std::string& object) const {
  std::string error;
  const auto members = split_object(object, error);
  for (const JsonMember& member : members.value_or(Members{}))
    if (std::find(options_.added.begin(), options_.added.end(), member.name) !=
        options_.added.end())
      error = "the member \"" + member.name + "\" would be added";
  if (!error.empty()) {
    row.error = error + "; the line reads: " + object;
    return;
  }
  row.object = object;
  if (options_.texts) row.text = text_of(*members, row.error);
  if (options_.fixed_columns) take_values(row, *members);
}

std::string JsonlReader::text_of(const Members& members, std::string& error) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const JsonMember& m) { return m.name == text_name_; });
  if (found == members.end() || found->value == "null") {
    error = kNoText;
  } else if (!found->value.starts_with('"')) {
    error = "the text is not a string";
  } else {
    std::string text = cell_of(found->value);
    if (is_blank(text)) error = kNoText;
    return text;
  }
  return {};
}

void JsonlReader::take_values(Row& row, const Members& members) const {
  for (const JsonMember& member : members) {
    const auto column = std::find(columns_.begin(), columns_.end(), member.name);
    if (column != columns_.end()) {
      row.values[static_cast<std::size_t>(column - columns_.begin())] = cell_of(member.value);
    } else if (!options_.pass_over_others) {
      row.error =
          "the member \"" + excerpt(member.name) +
          "\" is none of the first object's, so it has no column; the line reads: " + row.object;
      return;
    }
  }
}

}  // namespace valence
