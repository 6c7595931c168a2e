// What else is in a call never changes a text's answer, nor does the number of threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "golden/fixtures.h"

namespace valence {
namespace {

constexpr double kBatchBound = 1e-5;

std::vector<std::string> texts_of(const Fixture& fixture) {
  std::vector<std::string> texts;
  texts.reserve(fixture.golden["texts"].size());
  for (const Json& row : fixture.golden["texts"]) texts.push_back(row["text"].get<std::string>());
  return texts;
}

std::vector<std::vector<double>> alone(const Classifier& classifier,
                                       const std::vector<std::string>& texts) {
  std::vector<std::vector<double>> answers;
  answers.reserve(texts.size());
  for (const std::string& text : texts) answers.push_back(by_id(classifier.classify(text)));
  return answers;
}

// Classifies a random selection at once and compares with the answers of each text alone.
double worst_of_random_batch(const Classifier& classifier, const std::vector<std::string>& texts,
                             const std::vector<std::vector<double>>& answers,
                             std::mt19937& engine) {
  std::vector<std::size_t> chosen(1 + engine() % (2 * texts.size()));
  std::vector<std::string_view> batch;
  batch.reserve(chosen.size());
  for (std::size_t& index : chosen) batch.push_back(texts[index = engine() % texts.size()]);
  const std::vector<Classification> found = classifier.classify(batch);
  double worst = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i)
    worst = std::max(worst, largest_difference(by_id(found[i]), answers[chosen[i]]));
  return worst;
}

TEST_CASE("a text alone and in random batches, with one thread and with several") {
  for (const Fixture& fixture : fixtures()) {
    CAPTURE(fixture.name);
    const std::vector<std::string> texts = texts_of(fixture);
    for (const Precision precision : {Precision::kFp32, Precision::kBf16, Precision::kInt8}) {
      const Classifier single = Classifier::load(fixture.folder, {"cpu", 1, precision});
      const Classifier several = Classifier::load(fixture.folder, {"cpu", 3, precision});
      const auto answers = alone(single, texts);
      std::mt19937 engine(42);
      for (int round = 0; round < 6; ++round) {
        CHECK(worst_of_random_batch(single, texts, answers, engine) <= kBatchBound);
        CHECK(worst_of_random_batch(several, texts, answers, engine) <= kBatchBound);
      }
    }
  }
}

TEST_CASE("several threads may call one classifier at once") {
  const Fixture& fixture = fixtures().front();
  const std::vector<std::string> texts = texts_of(fixture);
  const Classifier classifier = Classifier::load(fixture.folder, {"cpu", 2});
  const auto answers = alone(classifier, texts);
  std::vector<double> worst(4);
  std::vector<std::thread> callers;
  callers.reserve(worst.size());
  for (unsigned caller = 0; caller < worst.size(); ++caller) {
    callers.emplace_back([&, caller] {
      std::mt19937 engine(caller);
      for (int round = 0; round < 10; ++round)
        worst[caller] =
            std::max(worst[caller], worst_of_random_batch(classifier, texts, answers, engine));
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (const double difference : worst) CHECK(difference <= kBatchBound);
}

TEST_CASE("no texts, no answers") {
  const Classifier classifier = Classifier::load(fixtures().front().folder);
  CHECK(classifier.classify(std::span<const std::string_view>()).empty());
}

}  // namespace
}  // namespace valence
