#include "data/json_writers.h"

#include <array>
#include <charconv>
#include <cmath>

#include "data/json_object.h"

namespace valence {
namespace {

void append_member(std::string& object, std::string_view name, std::string_view value) {
  if (!object.ends_with('{')) object += ", ";
  object += quote_json(name);
  object += ": ";
  object += value;
}

std::string json_of(const AddedValue& value) {
  if (value.kind == AddedValue::Kind::kMissing) return "null";
  return value.kind == AddedValue::Kind::kString ? quote_json(value.text) : value.text;
}

// The row's own object, open for more members.
std::string open_object(const Row& row, const std::vector<std::string>& columns) {
  if (!row.object.empty()) {
    const std::size_t last = row.object.find_last_not_of(" \t\r\n", row.object.size() - 2);
    return row.object.substr(0, last + 1);
  }
  std::string object(1, '{');
  for (std::size_t i = 0; i < columns.size(); ++i)
    append_member(object, columns[i], quote_json(row.values[i]));
  return object;
}

// As many digits as tell this float from all others.
std::string shortest(float score) {
  if (!std::isfinite(score)) return "null";
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), score);
  return {text.data(), end.ptr};
}

std::string pair_of(const LabelScore& score, const AddedColumns& names) {
  std::string object(1, '{');
  append_member(object, names.label, quote_json(score.label));
  append_member(object, names.score, shortest(score.score));
  if (names.chosen) append_member(object, "chosen", score.chosen ? "true" : "false");
  return object + "}";
}

}  // namespace

void JsonlWriter::write(const LabeledRow& row, std::string& out) {
  std::string object = open_object(row.row, options_.columns);
  const std::vector<std::string> names = options_.added.names();
  const std::vector<AddedValue> values = options_.added.values(row);
  for (std::size_t i = 0; i < names.size(); ++i)
    append_member(object, names[i], json_of(values[i]));
  out += object + "}\n";
}

void JsonListWriter::write(const LabeledRow& row, std::string& out) {
  const AddedColumns& added = options_.added;
  if (!first_) out += ", ";
  first_ = false;
  std::string entry;
  if (!row.row.error.empty()) {
    entry += '{';
    append_member(entry, added.label, "null");
    append_member(entry, added.score, "null");
    append_member(entry, added.error, quote_json(row.row.error));
    entry += '}';
  } else {
    const std::size_t count = options_.top_given ? row.answer.scores.size() : 1;
    for (std::size_t i = 0; i < std::min(count, row.answer.scores.size()); ++i)
      entry += (i == 0 ? "" : ", ") + pair_of(row.answer.scores[i], added);
  }
  out += options_.top_given ? "[" + entry + "]" : entry;
}

}  // namespace valence
