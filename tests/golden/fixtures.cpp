#include "golden/fixtures.h"

#include <algorithm>
#include <cmath>

#include "base/mapped_file.h"

namespace valence {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif
constexpr std::size_t kStep = kSanitized ? 5 : 1;

Json read_golden(const std::filesystem::path& path) {
  Json golden = parse_json(MappedFile(path).text(), path.string());
  for (const char* key : {"texts", "pipeline"}) golden[key] = every_nth(golden[key]);
  for (Json& logits : golden["narrow"]) logits = every_nth(logits);
  return golden;
}

std::vector<Fixture> read_fixtures() {
  std::vector<Fixture> found;
  const std::filesystem::path folder = std::filesystem::path(VALENCE_FIXTURES) / "models";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::filesystem::path golden = entry.path() / "golden.json";
    if (!std::filesystem::exists(golden)) continue;
    found.push_back({entry.path().filename().string(), entry.path(), read_golden(golden)});
  }
  std::sort(found.begin(), found.end(),
            [](const Fixture& a, const Fixture& b) { return a.name < b.name; });
  return found;
}

}  // namespace

Json every_nth(const Json& list) {
  Json kept = Json::array();
  for (std::size_t i = 0; i < list.size(); i += kStep) kept.push_back(list[i]);
  return kept;
}

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
