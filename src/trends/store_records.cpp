#include "trends/store_records.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace valence {
namespace {

constexpr std::int64_t kMilliseconds = 1000;

ResultQuery needed(ResultQuery query, const StoreColumns& columns, const WorthMap& worths) {
  const auto is_own = [](const std::string& name) {
    return name.empty() || name == "model" || name == "source";
  };
  query.columns = !columns.time.empty() || !is_own(columns.group);
  query.scores = !worths.empty();
  return query;
}

}  // namespace

StoreRecords::StoreRecords(const ResultStore& store, ResultQuery query, StoreColumns columns,
                           WorthMap worths)
    : columns_(std::move(columns)),
      worths_(std::move(worths)),
      cursor_(store.read(needed(std::move(query), columns_, worths_))) {}

std::string_view StoreRecords::value(const std::string& name) const {
  if (name == "model") return result_.model;
  if (name == "source") return result_.source;
  const auto found = std::find_if(result_.columns.begin(), result_.columns.end(),
                                  [&](const auto& column) { return column.first == name; });
  return found == result_.columns.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<double> StoreRecords::polarity() const {
  if (worths_.empty()) return result_.polarity;
  if (result_.scores.empty()) return std::nullopt;
  std::vector<std::string> labels;
  std::vector<double> scores;
  for (const auto& [label, score] : result_.scores) {
    labels.push_back(label);
    scores.push_back(score);
  }
  return polarity_of(scores, worths_of(labels, worths_));
}

bool StoreRecords::next(Record& record) {
  if (!cursor_.next(result_)) return false;
  record = Record{};
  record.line = static_cast<std::uint64_t>(result_.id);
  if (columns_.time.empty())
    record.utc = result_.time / kMilliseconds - (result_.time % kMilliseconds < 0 ? 1 : 0);
  else
    record.time = value(columns_.time);
  record.label = result_.label;
  record.score = result_.score;
  record.polarity = polarity();
  if (!columns_.group.empty()) record.group = value(columns_.group);
  if (result_.text) record.text = *result_.text;
  return true;
}

}  // namespace valence
