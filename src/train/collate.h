// Examples to tensors.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "text/tokenizer.h"
#include "train/batches.h"
#include "train/loss.h"
#include "train/trainable_model.h"

namespace valence::train {

class Collator {
 public:
  Collator(const Tokenizer& tokenizer, Task task, std::size_t max_tokens, torch::Device device)
      : tokenizer_(tokenizer), task_(task), max_tokens_(max_tokens), device_(device) {}

  // With Crop::kRandom, where long examples are cut depends on `seed`.
  TokenBatch tokens(const std::vector<Example>& examples, const Batch& batch, Crop crop,
                    std::uint64_t seed) const;
  // `present`: by file, the classes that its rows have; empty: all.
  Targets targets(const std::vector<Example>& examples, const Batch& batch,
                  const std::vector<std::vector<bool>>& present = {}) const;

 private:
  Encoding cut(const Example& example, Crop crop, std::uint64_t seed) const;

  const Tokenizer& tokenizer_;
  Task task_;
  std::size_t max_tokens_;
  torch::Device device_;
};

}  // namespace valence::train
