#include "train/loss.h"

#include <torch/nn/functional.h>

#include <limits>

namespace valence::train {
namespace {

namespace F = torch::nn::functional;

// Cross-entropy over the classes that are present; where all are, it is torch's own.
torch::Tensor partial_cross_entropy(const torch::Tensor& logits, const Targets& targets,
                                    const LossOptions& options) {
  const torch::Tensor absent = targets.present.logical_not();
  const torch::Tensor logs =
      torch::log_softmax(logits.masked_fill(absent, std::numeric_limits<float>::lowest()), -1);
  const torch::Tensor weights =
      options.class_weights.defined() ? options.class_weights : torch::ones_like(logits[0]);
  const torch::Tensor weighted = (-logs * weights).masked_fill(absent, 0);
  const torch::Tensor wanted = weighted.gather(1, targets.classes.unsqueeze(1)).sum();
  const torch::Tensor smooth = (weighted.sum(1) / targets.present.sum(1)).sum();
  return ((1 - options.label_smoothing) * wanted + options.label_smoothing * smooth) /
         weights.index_select(0, targets.classes).sum();
}

torch::Tensor hard_loss(const torch::Tensor& logits, const Targets& targets,
                        const LossOptions& options) {
  switch (options.task) {
    case Task::kSingleLabel:
      if (targets.present.defined()) return partial_cross_entropy(logits, targets, options);
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
