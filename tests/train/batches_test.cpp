#include "train/batches.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "train/random.h"
#include "train/schedule.h"

namespace valence::train {
namespace {

std::vector<Example> examples_of(std::size_t count, std::size_t files) {
  Random random(7);
  std::vector<Example> examples(count);
  for (std::size_t i = 0; i < count; ++i) {
    examples[i].tokens.resize(1 + random.below(60));
    examples[i].file = static_cast<std::uint32_t>(i % files);
  }
  return examples;
}

// How often each example is seen in an epoch.
std::map<std::size_t, std::size_t> counts_of(const std::vector<Batch>& batches) {
  std::map<std::size_t, std::size_t> counts;
  for (const Batch& batch : batches)
    for (const std::size_t index : batch) ++counts[index];
  return counts;
}

std::size_t padded_tokens(const std::vector<Example>& examples, const Batch& batch,
                          const BatchPlan& plan) {
  std::size_t longest = 0;
  for (const std::size_t index : batch)
    longest = std::max(
        longest, std::min(plan.max_tokens, examples[index].tokens.size() + plan.special_tokens));
  return longest * batch.size();
}

TEST_CASE("an epoch shows every row, in batches within the budget") {
  const auto examples = examples_of(1000, 1);
  const BatchPlan plan{256, 50, 2, 3, {1}};
  const auto batches = batches_of_epoch(examples, plan, 0);
  const auto counts = counts_of(batches);
  CHECK(counts.size() == examples.size());
  std::size_t padded = 0;
  std::size_t tokens = 0;
  for (const Batch& batch : batches) {
    CHECK(padded_tokens(examples, batch, plan) <= plan.batch_tokens);
    padded += padded_tokens(examples, batch, plan);
    for (const std::size_t index : batch)
      tokens += std::min(plan.max_tokens, examples[index].tokens.size() + plan.special_tokens);
  }
  for (const auto& entry : counts) CHECK(entry.second == 1);
  CHECK(static_cast<double>(padded) < 1.1 * static_cast<double>(tokens));
}

TEST_CASE("the same seed and epoch give the same batches, others give others") {
  const auto examples = examples_of(500, 1);
  const BatchPlan plan{256, 64, 2, 3, {1}};
  CHECK(batches_of_epoch(examples, plan, 4) == batches_of_epoch(examples, plan, 4));
  CHECK(batches_of_epoch(examples, plan, 4) != batches_of_epoch(examples, plan, 5));
  BatchPlan other = plan;
  other.seed = 4;
  CHECK(batches_of_epoch(examples, plan, 4) != batches_of_epoch(examples, other, 4));
}

TEST_CASE("weights repeat the rows of a file, and fractions bring all of them round") {
  const auto examples = examples_of(400, 2);
  const BatchPlan plan{256, 64, 2, 3, {2.5, 0.25}};
  std::map<std::size_t, std::size_t> all;
  for (std::uint64_t epoch = 0; epoch < 4; ++epoch) {
    std::size_t first = 0;
    std::size_t second = 0;
    for (const auto& [index, count] : counts_of(batches_of_epoch(examples, plan, epoch))) {
      (examples[index].file == 0 ? first : second) += count;
      all[index] += count;
    }
    CHECK(first == 500);
    CHECK(second == 50);
  }
  for (std::size_t i = 0; i < examples.size(); ++i)
    CHECK(all[i] == (examples[i].file == 0 ? 10 : 1));
}

TEST_CASE("an example longer than the budget is alone, and validation sees all once") {
  std::vector<Example> examples(3);
  examples[1].tokens.resize(100);
  const BatchPlan plan{16, 200, 2, 1, {1}};
  CHECK(batches_by_length(examples, plan) == std::vector<Batch>{{1}, {0, 2}});
}

// Values of transformers' get_linear_schedule_with_warmup(num_warmup_steps=3,
// num_training_steps=11).
TEST_CASE("the rate rises and falls in lines") {
  const std::vector<double> wanted{0,       1.0 / 3, 2.0 / 3, 1,       7.0 / 8, 6.0 / 8,
                                   5.0 / 8, 4.0 / 8, 3.0 / 8, 2.0 / 8, 1.0 / 8, 0};
  for (std::size_t step = 0; step < wanted.size(); ++step)
    CHECK(rate_share(static_cast<std::int64_t>(step), 11, 3.01 / 11) ==
          doctest::Approx(wanted[step]));
  CHECK(rate_share(0, 5, 0) == 1);
}

}  // namespace
}  // namespace valence::train
