#include "train/dataset.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "valence/error.h"

namespace valence::train {
namespace {

using Labels = std::vector<std::string>;

RawRows rows_with(const std::vector<Labels>& labels) {
  RawRows rows;
  rows.files.emplace_back();
  rows.files[0].source.path = "rows.csv";
  for (std::size_t i = 0; i < labels.size(); ++i)
    rows.files[0].found.rows.push_back({"text", labels[i], i + 2});
  return rows;
}

TEST_CASE("classes come from what was asked for, the base, or the rows") {
  const RawRows rows = rows_with({{"10"}, {"2"}, {"1"}, {"2"}});
  CHECK(choose_labels(rows, Task::kSingleLabel, {}, {"neg", "pos"}) == Labels{"1", "2", "10"});
  CHECK(choose_labels(rows, Task::kSingleLabel, {}, {"10", "1", "2", "3"}) ==
        Labels{"10", "1", "2", "3"});
  CHECK(choose_labels(rows, Task::kSingleLabel, {"2", "1", "10"}, {}) == Labels{"2", "1", "10"});
  CHECK_THROWS_WITH_AS(choose_labels(rows, Task::kSingleLabel, {"1", "2"}, {}),
                       doctest::Contains("rows.csv, line 2: \"10\" is none of the classes"), Error);
}

TEST_CASE("labels are the same whatever their case, and keep the model's spelling") {
  const RawRows rows = rows_with({{"Positive"}, {"NEGATIVE"}, {"positive"}});
  CHECK(choose_labels(rows, Task::kSingleLabel, {}, {"NEGATIVE", "POSITIVE"}) ==
        Labels{"NEGATIVE", "POSITIVE"});
  CHECK(choose_labels(rows, Task::kSingleLabel, {}, {}) == Labels{"NEGATIVE", "Positive"});
  CHECK(same_labels({"a", "B"}, {"A", "b"}));
  CHECK_FALSE(same_labels({"a"}, {"a", "b"}));
}

TEST_CASE("one class is not enough, unless a row may have several") {
  const RawRows rows = rows_with({{"a"}, {"a"}});
  CHECK_THROWS_WITH_AS(choose_labels(rows, Task::kSingleLabel, {}, {}),
                       doctest::Contains("two are needed"), Error);
  CHECK(choose_labels(rows, Task::kMultiLabel, {}, {}) == Labels{"a"});
  CHECK(choose_labels(rows, Task::kRegression, {}, {}) == Labels{"score"});
}

TEST_CASE("rows are held back in proportion to their labels, each once") {
  std::vector<Example> examples(1000);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    examples[i].label = i % 10 == 0 ? 1 : 0;
    examples[i].tokens = {static_cast<std::int32_t>(i)};
  }
  std::vector<Example> again = examples;
  const std::vector<Example> held = split_off(examples, 0.2, 5);
  CHECK(held.size() == 200);
  CHECK(examples.size() == 800);
  CHECK(std::count_if(held.begin(), held.end(), [](const Example& e) { return e.label == 1; }) ==
        20);
  std::map<std::int32_t, int> seen;
  for (const Example& example : held) ++seen[example.tokens[0]];
  for (const Example& example : examples) ++seen[example.tokens[0]];
  CHECK(seen.size() == 1000);
  const std::vector<Example> same = split_off(again, 0.2, 5);
  CHECK(same.front().tokens == held.front().tokens);
  CHECK(same.back().tokens == held.back().tokens);
}

}  // namespace
}  // namespace valence::train
