// Logits to labels with scores, as the text-classification pipeline of Hugging Face defines them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "valence/classifier.h"

namespace valence {

// The classes of a model and how their logits are read.
struct LabelSet {
  std::vector<std::string> names;  // by id
  ScoreFunction function =
      ScoreFunction::kSoftmax;  // what ScoreFunction::kModel means for this model
  std::string problem_type;
};

// From id2label and problem_type of a config; LABEL_0, LABEL_1 ... where there
// are no names. Throws Error(kCorrupt) where id2label does not name exactly `count` classes.
LabelSet read_labels(const JsonRef& config, std::size_t count);

// Logits to scores in place; kModel is not allowed here. Softmax is computed after subtracting the
// largest logit, so that no logit overflows.
void apply_function(ScoreFunction function, std::span<float> logits);

// The scores in descending order (equal ones by id), at most `top_k` of them (0: all).
std::vector<LabelScore> rank(std::span<const float> scores, const LabelSet& labels,
                             std::size_t top_k);

}  // namespace valence
