// The numbers of the reference framework: ids, logits, scores and windows of every fixture.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/windows.h"
#include "format/model_file.h"
#include "golden/fixtures.h"
#include "text/tokenizer.h"

namespace valence {
namespace {

constexpr double kLogitBound = 1e-4;

TEST_CASE("there are fixtures of every architecture") {
  CHECK(fixtures().size() >= 16);
}

TEST_CASE("token ids are the reference's, cut to the window and into windows") {
  for (const Fixture& fixture : fixtures()) {
    CAPTURE(fixture.name);
    const ModelFile file = open_model_file(fixture.folder);
    const Tokenizer tokenizer(file.tokenizer);
    const std::size_t capacity =
        fixture.golden["window"].get<std::size_t>() - tokenizer.special_count();
    for (const Json& row : fixture.golden["texts"]) {
      const auto text = row["text"].get<std::string>();
      CAPTURE(text);
      const Encoding tokens = tokenizer.tokenize(text);
      const std::size_t shown = std::min(tokens.size(), capacity);
      CHECK(tokenizer.with_specials(tokens, 0, shown).ids ==
            row["ids"].get<std::vector<std::int32_t>>());
      if (!row.contains("windows")) continue;
      CHECK(tokens.size() + tokenizer.special_count() == row["tokens"].get<std::size_t>());
      const WindowPlan plan = plan_windows(tokens.size(), capacity, LongText::kWindow,
                                           fixture.golden["stride"].get<std::size_t>());
      REQUIRE(plan.windows.size() == row["windows"].size());
      for (std::size_t i = 0; i < plan.windows.size(); ++i)
        CHECK(tokenizer.with_specials(tokens, plan.windows[i].begin, plan.windows[i].end).ids ==
              row["windows"][i]["ids"].get<std::vector<std::int32_t>>());
    }
  }
}

TEST_CASE("logits are the reference's on every backend") {
  for (const Fixture& fixture : fixtures()) {
    CAPTURE(fixture.name);
    for (const char* backend : {"cpu", "reference"}) {
      CAPTURE(backend);
      const Classifier classifier = Classifier::load(fixture.folder, {backend, 2});
      CHECK(classifier.info().window == fixture.golden["window"].get<std::size_t>());
      double worst = 0;
      for (const Json& row : fixture.golden["texts"]) {
        const auto text = row["text"].get<std::string>();
        worst = std::max(worst, largest_difference(logits_of(classifier, text),
                                                   row["logits"].get<std::vector<double>>()));
      }
      CHECK(worst <= kLogitBound);
    }
  }
}

ScoreFunction function_named(const Json& options) {
  const std::string name = options.value("function_to_apply", "");
  if (name == "softmax") return ScoreFunction::kSoftmax;
  if (name == "sigmoid") return ScoreFunction::kSigmoid;
  return name == "none" ? ScoreFunction::kNone : ScoreFunction::kModel;
}

// The pipeline answers with its best label unless top_k says otherwise; null means all.
std::size_t top_k_of(const Json& options) {
  if (!options.contains("top_k")) return 1;
  return options["top_k"].is_null() ? 0 : options["top_k"].get<std::size_t>();
}

TEST_CASE("labels, scores and their order are the pipeline's") {
  for (const Fixture& fixture : fixtures()) {
    CAPTURE(fixture.name);
    const Classifier classifier = Classifier::load(fixture.folder);
    for (const Json& asked : fixture.golden["pipeline"]) {
      CAPTURE(asked.dump());
      ClassifyOptions options;
      options.long_text = LongText::kTruncate;
      options.function = function_named(asked["options"]);
      options.top_k = top_k_of(asked["options"]);
      const auto found = classifier.classify(asked["text"].get<std::string>(), options);
      REQUIRE(found.scores.size() == asked["answer"].size());
      for (std::size_t i = 0; i < found.scores.size(); ++i) {
        CHECK(found.scores[i].label == asked["answer"][i]["label"].get<std::string>());
        CHECK(std::abs(found.scores[i].score - asked["answer"][i]["score"].get<double>()) <=
              kLogitBound);
      }
    }
  }
}

std::vector<double> softmax(std::vector<double> logits) {
  double sum = 0;
  for (double& value : logits) sum += value = std::exp(value);
  for (double& value : logits) value /= sum;
  return logits;
}

TEST_CASE("a long text's score is the length-weighted mean of its windows' probabilities") {
  for (const Fixture& fixture : fixtures()) {
    CAPTURE(fixture.name);
    const Classifier classifier = Classifier::load(fixture.folder);
    if (classifier.info().labels.size() < 2) continue;
    const std::size_t specials =
        Tokenizer(open_model_file(fixture.folder).tokenizer).special_count();
    ClassifyOptions options;
    options.function = ScoreFunction::kSoftmax;
    options.window_overlap = fixture.golden["stride"].get<std::size_t>();
    std::size_t long_texts = 0;
    for (const Json& row : fixture.golden["texts"]) {
      const Classification answer = classifier.classify(row["text"].get<std::string>(), options);
      CHECK_FALSE(answer.truncated);
      CHECK(answer.windows == (row.contains("windows") ? row["windows"].size() : 1));
      if (!row.contains("windows")) continue;
      ++long_texts;
      std::vector<double> mean(classifier.info().labels.size());
      double weights = 0;
      for (const Json& window : row["windows"]) {
        const auto weight = static_cast<double>(window["ids"].size() - specials);
        const auto scores = softmax(window["logits"].get<std::vector<double>>());
        for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += weight * scores[c];
        weights += weight;
      }
      for (double& value : mean) value /= weights;
      CHECK(largest_difference(by_id(answer), mean) <= kLogitBound);
    }
    CHECK(long_texts >= 1);
  }
}

TEST_CASE("a text that is too long is cut or refused where that is asked for") {
  const Fixture& fixture = fixtures().front();
  const Classifier classifier = Classifier::load(fixture.folder);
  std::string text;
  for (int i = 0; i < 200; ++i) text += "good ";
  ClassifyOptions options;
  options.long_text = LongText::kTruncate;
  CHECK(classifier.classify(text, options).truncated);
  CHECK(classifier.classify(text, options).windows == 1);
  options.long_text = LongText::kError;
  const Classification refused = classifier.classify(text, options);
  CHECK(refused.scores.empty());
  CHECK(refused.error.find("the model takes") != std::string::npos);
  CHECK(classifier.classify("good", options).error.empty());
}

}  // namespace
}  // namespace valence
