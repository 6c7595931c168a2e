#include <array>
#include <charconv>

#include "data/row_writer.h"

namespace valence {
namespace {

using Kind = AddedValue::Kind;

AddedValue plain(std::string text) {
  return {Kind::kPlain, std::move(text)};
}

float score_of(const Classification& answer, std::size_t id) {
  for (const LabelScore& score : answer.scores)
    if (static_cast<std::size_t>(score.id) == id) return score.score;
  return 0;
}

std::string joined_choice(const Classification& answer) {
  std::string joined;
  for (const LabelScore& entry : answer.scores) {
    if (!entry.chosen) continue;
    if (!joined.empty()) joined += '|';
    joined += entry.label;
  }
  return joined;
}

}  // namespace

std::vector<std::string> AddedColumns::names() const {
  std::vector<std::string> names{label, score};
  for (std::size_t i = 2; i <= top; ++i) {
    names.push_back(label + "_" + std::to_string(i));
    names.push_back(score + "_" + std::to_string(i));
  }
  for (const std::string& name : labels) names.push_back(score + "_" + name);
  if (chosen) names.emplace_back("chosen");
  if (details) names.insert(names.end(), {"tokens", "windows", "truncated"});
  names.push_back(error);
  return names;
}

std::vector<AddedValue> AddedColumns::values(const LabeledRow& row) const {
  const Classification& answer = row.answer;
  std::vector<AddedValue> values(names().size());
  if (!row.row.error.empty()) {
    values.back() = {Kind::kString, row.row.error};
    return values;
  }
  auto next = values.begin();
  for (std::size_t i = 0; i < std::min(top, answer.scores.size()); ++i) {
    *next++ = {Kind::kString, std::string(answer.scores[i].label)};
    *next++ = plain(format_score(answer.scores[i].score));
  }
  next = values.begin() + static_cast<std::ptrdiff_t>(2 * top);
  for (std::size_t id = 0; id < labels.size(); ++id)
    *next++ = plain(format_score(score_of(answer, id)));
  if (chosen) *next++ = {Kind::kString, joined_choice(answer)};
  if (!details) return values;
  *next++ = plain(std::to_string(answer.tokens));
  *next++ = plain(std::to_string(answer.windows));
  *next++ = plain(answer.truncated ? "true" : "false");
  return values;
}

std::string format_score(float score) {
  std::array<char, 64> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), score, std::chars_format::fixed, 6);
  return {text.data(), end.ptr};
}

}  // namespace valence
