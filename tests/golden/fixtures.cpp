#include "golden/fixtures.h"

#include <algorithm>
#include <cmath>

#include "base/mapped_file.h"

namespace valence {
namespace {

std::vector<Fixture> read_fixtures() {
  std::vector<Fixture> found;
  const std::filesystem::path folder = std::filesystem::path(VALENCE_FIXTURES) / "models";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::filesystem::path golden = entry.path() / "golden.json";
    if (!std::filesystem::exists(golden)) continue;
    found.push_back({entry.path().filename().string(), entry.path(),
                     parse_json(MappedFile(golden).text(), golden.string())});
  }
  std::sort(found.begin(), found.end(),
            [](const Fixture& a, const Fixture& b) { return a.name < b.name; });
  return found;
}

}  // namespace

const std::vector<Fixture>& fixtures() {
  static const std::vector<Fixture> all = read_fixtures();
  return all;
}

std::vector<double> by_id(const Classification& answer) {
  std::vector<double> scores(answer.scores.size());
  for (const LabelScore& entry : answer.scores) scores.at(entry.id) = entry.score;
  return scores;
}

std::vector<double> logits_of(const Classifier& classifier, std::string_view text) {
  ClassifyOptions options;
  options.function = ScoreFunction::kNone;
  options.long_text = LongText::kTruncate;
  return by_id(classifier.classify(text, options));
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return INFINITY;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace valence
