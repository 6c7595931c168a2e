#include "train/batches.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "train/random.h"

namespace valence::train {
namespace {

// Examples that are sorted by length together: enough for batches with little padding, few enough
// that an epoch's batches differ from the last one's.
constexpr std::size_t kPool = 20'000;

std::size_t length_of(const Example& example, const BatchPlan& plan) {
  return std::min(example.tokens.size() + plan.special_tokens, plan.max_tokens);
}

// Every row floor(weight) times, and a new part of them once more each epoch, so that all come
// round: the rows of a file stand in one random order, from which epochs take one stretch after
// another.
std::vector<std::size_t> rows_of_epoch(const std::vector<Example>& examples, const BatchPlan& plan,
                                       std::uint64_t epoch) {
  std::vector<std::vector<std::size_t>> files(plan.weights.size());
  for (std::size_t i = 0; i < examples.size(); ++i) files[examples[i].file].push_back(i);
  std::vector<std::size_t> rows;
  Random random(plan.seed);
  for (std::size_t f = 0; f < files.size(); ++f) {
    const auto times = static_cast<std::size_t>(plan.weights[f]);
    for (std::size_t i = 0; i < times; ++i)
      rows.insert(rows.end(), files[f].begin(), files[f].end());
    random.shuffle(files[f]);
    const auto stretch = static_cast<std::size_t>(std::llround(
        (plan.weights[f] - static_cast<double>(times)) * static_cast<double>(files[f].size())));
    for (std::size_t i = 0; i < stretch; ++i)
      rows.push_back(files[f][(epoch * stretch + i) % files[f].size()]);
  }
  return rows;
}

void cut(const std::vector<Example>& examples, const BatchPlan& plan,
         const std::vector<std::size_t>& sorted, std::vector<Batch>& batches) {
  Batch batch;
  std::size_t longest = 0;
  for (const std::size_t index : sorted) {
    longest = std::max(longest, length_of(examples[index], plan));
    if (!batch.empty() && longest * (batch.size() + 1) > plan.batch_tokens) {
      batches.push_back(std::move(batch));
      batch.clear();
      longest = length_of(examples[index], plan);
    }
    batch.push_back(index);
  }
  if (!batch.empty()) batches.push_back(std::move(batch));
}

}  // namespace

std::vector<Batch> batches_of_epoch(const std::vector<Example>& examples, const BatchPlan& plan,
                                    std::uint64_t epoch) {
  std::vector<std::size_t> rows = rows_of_epoch(examples, plan, epoch);
  Random random(plan.seed + 1 + epoch);
  random.shuffle(rows);
  std::vector<Batch> batches;
  for (std::size_t begin = 0; begin < rows.size(); begin += kPool) {
    std::vector<std::size_t> pool(
        rows.begin() + static_cast<std::ptrdiff_t>(begin),
        rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), begin + kPool)));
    std::stable_sort(pool.begin(), pool.end(), [&](std::size_t a, std::size_t b) {
      return length_of(examples[a], plan) < length_of(examples[b], plan);
    });
    cut(examples, plan, pool, batches);
  }
  random.shuffle(batches);
  return batches;
}

std::vector<Batch> batches_by_length(const std::vector<Example>& examples, const BatchPlan& plan) {
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return length_of(examples[a], plan) > length_of(examples[b], plan);
  });
  std::vector<Batch> batches;
  cut(examples, plan, order, batches);
  return batches;
}

}  // namespace valence::train
