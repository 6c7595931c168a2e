#include "engine/scores.h"

#include <doctest/doctest.h>

#include <cmath>

namespace valence {
namespace {

LabelSet labels_of(const char* config, std::size_t count) {
  const Json json = Json::parse(config);
  return read_labels({json, "config"}, count);
}

TEST_CASE("problem_type and the number of labels choose the function") {
  CHECK(labels_of("{}", 2).function == ScoreFunction::kSoftmax);
  CHECK(labels_of("{}", 1).function == ScoreFunction::kSigmoid);
  CHECK(labels_of(R"({"problem_type": "regression"})", 1).function == ScoreFunction::kNone);
  CHECK(labels_of(R"({"problem_type": "regression"})", 3).function == ScoreFunction::kNone);
  CHECK(labels_of(R"({"problem_type": "multi_label_classification"})", 3).function ==
        ScoreFunction::kSigmoid);
  CHECK(labels_of(R"({"problem_type": "single_label_classification"})", 3).function ==
        ScoreFunction::kSoftmax);
  CHECK(labels_of(R"({"problem_type": null})", 3).function == ScoreFunction::kSoftmax);
  CHECK_THROWS_AS(labels_of(R"({"problem_type": "poetry"})", 3), Error);
}

TEST_CASE("labels are named by id, not by the order of the file") {
  const char* config =
      R"({"id2label": {"10": "k", "2": "c", "0": "a", "1": "b", "3": "d", "4": "e", "5": "f",
          "6": "g", "7": "h", "8": "i", "9": "j"}})";
  CHECK(labels_of(config, 11).names ==
        std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"});
  CHECK(labels_of("{}", 2).names == std::vector<std::string>{"LABEL_0", "LABEL_1"});
  CHECK(labels_of(R"({"id2label": {"0": 1, "1": 2}})", 2).names ==
        std::vector<std::string>{"1", "2"});
}

TEST_CASE("id2label must name the classifier's classes") {
  CHECK_THROWS_AS(labels_of(R"({"id2label": {"0": "a"}})", 2), Error);
  CHECK_THROWS_AS(labels_of(R"({"id2label": {"0": "a", "2": "b"}})", 2), Error);
  CHECK_THROWS_AS(labels_of(R"({"id2label": {"0": "a", "x": "b"}})", 2), Error);
  CHECK_THROWS_AS(labels_of(R"({"id2label": ["a", "b"]})", 2), Error);
}

TEST_CASE("extreme logits give finite scores") {
  std::vector<float> logits{-3e38F, 3e38F, 0};
  apply_function(ScoreFunction::kSoftmax, logits);
  CHECK(logits == std::vector<float>{0, 1, 0});
  logits = {-3e38F, 3e38F, 0};
  apply_function(ScoreFunction::kSigmoid, logits);
  CHECK(logits == std::vector<float>{0, 1, 0.5F});
  logits = {-1000, -1000.5F};
  apply_function(ScoreFunction::kSoftmax, logits);
  CHECK(logits[0] == doctest::Approx(1 / (1 + std::exp(-0.5))));
}

TEST_CASE("scores are ranked from high to low, equal ones by id") {
  const LabelSet labels = labels_of("{}", 4);
  const std::vector<float> scores{0.2F, 0.5F, 0.2F, 0.1F};
  std::vector<std::int32_t> ids;
  for (const LabelScore& entry : rank(scores, labels, 0)) ids.push_back(entry.id);
  CHECK(ids == std::vector<std::int32_t>{1, 0, 2, 3});
  CHECK(rank(scores, labels, 2).size() == 2);
  CHECK(rank(scores, labels, 9).size() == 4);
  CHECK(rank(scores, labels, 1)[0].label == "LABEL_1");
}

TEST_CASE("a calibration is read with checks") {
  const auto with = [](const char* member) {
    return std::string(R"({"valence_calibration": )") + member + "}";
  };
  const auto read = [&](const char* member) {
    return labels_of(with(member).c_str(), 2).calibration;
  };
  CHECK(labels_of("{}", 2).calibration.temperature == 1);
  CHECK(read(R"({"temperature": 1.5})").temperature == 1.5);
  CHECK(read(R"({"thresholds": [0.25, 0.75]})").thresholds == std::vector<float>{0.25F, 0.75F});
  CHECK(read("null").thresholds.empty());
  for (const char* wrong :
       {"1", "[]", R"({"temperature": 0})", R"({"temperature": -1})", R"({"temperature": 1e300})",
        R"({"temperature": 1e-300})", R"({"temperature": "1"})", R"({"thresholds": [0.5]})",
        R"({"thresholds": [0.5, 1]})", R"({"thresholds": [0, 0.5]})",
        R"({"thresholds": [0.5, "a"]})", R"({"thresholds": 1})"})
    CHECK_THROWS_AS(read(wrong), Error);
}

TEST_CASE("softmax and sigmoid take logits / temperature, none takes them as they are") {
  const std::vector<float> logits{2, -1, 0.5F};
  for (const ScoreFunction function : {ScoreFunction::kSoftmax, ScoreFunction::kSigmoid}) {
    std::vector<float> tempered = logits;
    apply_function(function, tempered, 4);
    std::vector<float> divided{0.5F, -0.25F, 0.125F};
    apply_function(function, divided);
    CHECK(tempered == divided);
  }
  std::vector<float> raw = logits;
  apply_function(ScoreFunction::kNone, raw, 4);
  CHECK(raw == logits);
  std::vector<float> extreme{3e38F, -3e38F};
  apply_function(ScoreFunction::kSoftmax, extreme, 1e-30);
  CHECK(extreme == std::vector<float>{1, 0});
}

TEST_CASE("chosen labels reach their threshold; of one class a text it is the best") {
  const LabelSet several = labels_of(R"({"problem_type": "multi_label_classification"})", 3);
  const auto chosen = [](const LabelSet& labels, ScoreFunction function,
                         std::vector<float> thresholds) {
    auto ranked = rank(std::vector<float>{0.9F, 0.5F, 0.4F}, labels, 0);
    mark_chosen(ranked, labels, function, thresholds);
    return std::vector<bool>{ranked[0].chosen, ranked[1].chosen, ranked[2].chosen};
  };
  using Flags = std::vector<bool>;
  CHECK(chosen(several, ScoreFunction::kSigmoid, {}) == Flags{true, true, false});
  CHECK(chosen(several, ScoreFunction::kSigmoid, {0.95F, 0.6F, 0.4F}) == Flags{false, false, true});
  CHECK(chosen(several, ScoreFunction::kSoftmax, {}) == Flags{true, false, false});
  CHECK(chosen(labels_of("{}", 3), ScoreFunction::kSoftmax, {}) == Flags{true, false, false});
}

}  // namespace
}  // namespace valence
