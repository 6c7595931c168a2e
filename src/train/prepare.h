// Everything that is settled before the first step.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "text/tokenizer.h"
#include "train/base_model.h"
#include "train/dataset.h"
#include "train/train_options.h"

namespace valence::train {

struct Prepared {
  BaseModel base;  // its config has the classes already
  Tokenizer tokenizer;
  std::vector<std::string> labels;
  bool fresh_head = false;  // the base's last layer is for other classes
  std::vector<Example> training, valid;
  std::vector<double> weights;        // by file of the training rows
  std::vector<double> class_weights;  // by class; empty: all 1
  std::vector<std::vector<bool>>
      present;  // TrainOptions::partial: by file, its classes; else empty
};

using Say = std::function<void(const std::string&)>;

// Reads base model and rows, settles classes and the head, tokenizes, asks the teacher. Throws
// Error as train() does.
Prepared prepare(const TrainOptions& options, const Say& say);

// All that the weights of a run depend on, by names that people know.
Json identity_of(const TrainOptions& options);

}  // namespace valence::train
