// Which examples are seen together, and in which order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "train/dataset.h"

namespace valence::train {

struct BatchPlan {
  std::size_t batch_tokens = 0;    // of a batch, padding included; a longer example is alone
  std::size_t max_tokens = 0;      // of an example, special tokens included
  std::size_t special_tokens = 0;  // that are added to each
  std::uint64_t seed = 0;
  std::vector<double> weights;  // by file: how often an epoch sees each of its rows
};

using Batch = std::vector<std::size_t>;  // indexes of examples

// The batches of one epoch: examples of like length together, the batches in random order. Depends
// on nothing but its arguments.
std::vector<Batch> batches_of_epoch(const std::vector<Example>& examples, const BatchPlan& plan,
                                    std::uint64_t epoch);

// All examples once, the longest first: for validation.
std::vector<Batch> batches_by_length(const std::vector<Example>& examples, const BatchPlan& plan);

}  // namespace valence::train
