// Logits to labels with scores, as the text-classification pipeline of Hugging Face defines them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "valence/classifier.h"

namespace valence {

// What calibration found for a model. The config's member "valence_calibration" holds both under
// these names.
struct Calibration {
  double temperature = 1;         // greater than 0
  std::vector<float> thresholds;  // by id, inside (0, 1); empty: 0.5 for all
};

// The classes of a model and how their logits are read.
struct LabelSet {
  std::vector<std::string> names;  // by id
  ScoreFunction function =
      ScoreFunction::kSoftmax;  // what ScoreFunction::kModel means for this model
  std::string problem_type;
  Calibration calibration;
};

// From id2label, problem_type and valence_calibration of a config; LABEL_0, LABEL_1 ... where there
// are no names. Throws Error(kCorrupt) where id2label does not name exactly `count` classes, or the
// calibration is out of its bounds.
LabelSet read_labels(const JsonRef& config, std::size_t count);

// Logits to scores in place; kModel is not allowed here. Softmax is computed after subtracting the
// largest logit, so that no logit overflows. Softmax and sigmoid take logits / temperature (Guo et
// al. 2017, "On Calibration of Modern Neural Networks").
void apply_function(ScoreFunction function, std::span<float> logits, double temperature = 1);

// The scores in descending order (equal ones by id), at most `top_k` of them (0: all).
std::vector<LabelScore> rank(std::span<const float> scores, const LabelSet& labels,
                             std::size_t top_k);

// Sets LabelScore::chosen in what rank() returned for scores by `function`; `thresholds` are by id,
// empty: 0.5.
void mark_chosen(std::span<LabelScore> ranked, const LabelSet& labels, ScoreFunction function,
                 std::span<const float> thresholds);

}  // namespace valence
