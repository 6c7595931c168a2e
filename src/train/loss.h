// What training makes smaller.
#pragma once

#include <torch/types.h>

#include "train/train_options.h"

namespace valence::train {

// The answers to a batch, on the model's device. Only what the task needs is defined.
struct Targets {
  torch::Tensor classes;  // single-label: [sequences], I64
  torch::Tensor present;  // single-label: [sequences, labels], true for the classes that the row's
                          // file has; undefined: all
  torch::Tensor values;   // multi-label: [sequences, labels]; regression: [sequences, 1]; F32
  torch::Tensor teacher;  // logits of the teacher, [sequences, labels], F32; undefined: no teacher
};

struct LossOptions {
  Task task = Task::kSingleLabel;
  double label_smoothing = 0;
  torch::Tensor class_weights;  // [labels], F32; undefined: all 1
  double temperature = 2;
  double teacher_share = 0.5;
};

// A scalar. Single-label: cross-entropy with label smoothing (Szegedy et al. 2016) and class
// weights, as torch.nn.CrossEntropyLoss means them, softmax and smoothing over the classes that are
// present. Multi-label: the mean binary cross-entropy,
// a class's weight being that of its positive rows. Regression: the mean squared error.
//
// With a teacher: (1 - share) * that + share * the loss against the teacher (Hinton et al. 2015):
// T^2 * KL(softmax(teacher / T) || softmax(student / T)), in multi-label models T^2 * the binary
// cross-entropy of sigmoids likewise, in regression the squared difference.
torch::Tensor loss_of(const torch::Tensor& logits, const Targets& targets,
                      const LossOptions& options);

}  // namespace valence::train
