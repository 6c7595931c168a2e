#include "train/loss.h"

#include <torch/nn/functional.h>

namespace valence::train {
namespace {

namespace F = torch::nn::functional;

torch::Tensor hard_loss(const torch::Tensor& logits, const Targets& targets,
                        const LossOptions& options) {
  switch (options.task) {
    case Task::kSingleLabel:
      return torch::cross_entropy_loss(logits, targets.classes, options.class_weights,
                                       at::Reduction::Mean, -100, options.label_smoothing);
    case Task::kMultiLabel:
      return F::binary_cross_entropy_with_logits(
          logits, targets.values,
          F::BinaryCrossEntropyWithLogitsFuncOptions().pos_weight(options.class_weights));
    case Task::kRegression:
      break;
  }
  return torch::mse_loss(logits, targets.values);
}

torch::Tensor teacher_loss(const torch::Tensor& logits, const torch::Tensor& teacher,
                           const LossOptions& options) {
  const double t = options.temperature;
  switch (options.task) {
    case Task::kSingleLabel:
      return t * t *
             torch::kl_div(torch::log_softmax(logits / t, -1), torch::log_softmax(teacher / t, -1),
                           at::Reduction::Sum, /*log_target=*/true) /
             logits.size(0);
    case Task::kMultiLabel:
      return t * t * F::binary_cross_entropy_with_logits(logits / t, torch::sigmoid(teacher / t));
    case Task::kRegression:
      break;
  }
  return torch::mse_loss(logits, teacher);
}

}  // namespace

torch::Tensor loss_of(const torch::Tensor& logits, const Targets& targets,
                      const LossOptions& options) {
  if (!targets.teacher.defined()) return hard_loss(logits, targets, options);
  torch::Tensor soft = teacher_loss(logits, targets.teacher, options);
  if (options.teacher_share >= 1) return soft;
  return (1 - options.teacher_share) * hard_loss(logits, targets, options) +
         options.teacher_share * soft;
}

}  // namespace valence::train
