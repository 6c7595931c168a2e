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

}  // namespace
}  // namespace valence
