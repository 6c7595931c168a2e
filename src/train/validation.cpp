#include "train/validation.h"

#include <torch/utils.h>

#include <cstdint>
#include <span>

#include "eval/multi_label.h"
#include "eval/regression.h"
#include "eval/single_label.h"

namespace valence::train {
namespace {

std::vector<float> floats_of(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.to(torch::kCPU).to(torch::kFloat32).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

// The answers of all batches, as the rows that src/eval counts over.
class Answers {
 public:
  Answers(Task task, std::size_t labels) : task_(task), labels_(labels) {
    single_.classes = multi_.labels = labels;
  }

  void add(const torch::Tensor& logits, const Targets& targets, double loss) {
    const std::vector<float> found = floats_of(logits);
    const auto rows = static_cast<std::size_t>(logits.size(0));
    rows_ += static_cast<double>(rows);
    loss_ += loss * static_cast<double>(rows);
    const std::vector<float> wanted =
        floats_of(task_ == Task::kSingleLabel ? targets.classes : targets.values);
    for (std::size_t i = 0; i < rows; ++i) {
      const std::span<const float> row = std::span(found).subspan(i * labels_, labels_);
      if (task_ == Task::kSingleLabel)
        single_.add(static_cast<std::uint32_t>(wanted[i]), row);
      else if (task_ == Task::kMultiLabel)
        add_decisions(row, std::span(wanted).subspan(i * labels_, labels_));
      else
        add_number(row.front(), wanted[i]);
    }
  }

  Figures figures() const {
    Figures found{{"loss", rows_ > 0 ? loss_ / rows_ : 0}};
    if (task_ == Task::kSingleLabel) {
      const auto rows = all_rows(single_.size());
      const ConfusionMatrix confusion = confusion_matrix(single_, rows);
      found["accuracy"] = accuracy(single_, rows);
      found["macro_f1"] = macro_f1(confusion);
      found["macro_recall"] = macro_recall(confusion);
    } else if (task_ == Task::kMultiLabel) {
      const auto rows = all_rows(multi_.size());
      found["accuracy"] = exact_match(multi_, rows);
      found["macro_f1"] = macro_f1(multi_, rows);
      found["micro_f1"] = micro_f1(multi_, rows);
    } else {
      const auto rows = all_rows(numbers_.size());
      found["mse"] = mean_squared_error(numbers_, rows);
    }
    return found;
  }

 private:
  void add_decisions(std::span<const float> row, std::span<const float> wanted) {
    for (std::size_t c = 0; c < labels_; ++c) {
      multi_.gold.push_back(wanted[c] > 0.5F ? 1 : 0);
      multi_.predicted.push_back(row[c] > 0 ? 1 : 0);  // a sigmoid above a half
      multi_.scores.push_back(row[c]);
    }
  }

  void add_number(float found, float wanted) {
    numbers_.gold.push_back(wanted);
    numbers_.predicted.push_back(found);
  }

  Task task_;
  std::size_t labels_;
  SingleLabelRows single_;
  MultiLabelRows multi_;
  RegressionRows numbers_;
  double rows_ = 0, loss_ = 0;
};

}  // namespace

Figures validate(const TrainableModel& model, const std::vector<Example>& examples,
                 const BatchPlan& plan, const Collator& collator, const LossOptions& loss,
                 const std::function<bool()>& stop) {
  const torch::NoGradGuard no_gradients;
  Answers answers(loss.task, static_cast<std::size_t>(
                                 model.parameters().find("cls.output.bias")->second.size(0)));
  for (const Batch& batch : batches_by_length(examples, plan)) {
    if (stop()) return {};
    const torch::Tensor logits =
        model.logits(collator.tokens(examples, batch, Crop::kHead, 0), false);
    const Targets targets = collator.targets(examples, batch);
    answers.add(logits, targets, loss_of(logits, targets, loss).item<double>());
  }
  return answers.figures();
}

std::string default_figure(Task task) {
  return task == Task::kRegression ? "mse" : "macro_f1";
}

bool is_better(const std::string& figure, double a, double b) {
  return figure == "loss" || figure == "mse" ? a < b : a > b;
}

}  // namespace valence::train
