#include "train/validation.h"

#include <torch/utils.h>

#include <algorithm>

namespace valence::train {
namespace {

// Right and wrong decisions for one class.
struct Counts {
  double hits = 0, false_alarms = 0, misses = 0;
};

double share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

double f1_of(const Counts& counts) {
  return share(2 * counts.hits, 2 * counts.hits + counts.false_alarms + counts.misses);
}

class Tally {
 public:
  Tally(Task task, std::size_t labels) : task_(task), counts_(labels) {}

  void add(const torch::Tensor& logits, const Targets& targets, double loss) {
    const auto rows = static_cast<double>(logits.size(0));
    rows_ += rows;
    loss_ += loss * rows;
    if (task_ == Task::kSingleLabel) {
      add_classes(logits.argmax(1).cpu(), targets.classes.cpu());
    } else if (task_ == Task::kMultiLabel) {
      add_decisions(logits.gt(0).cpu(), targets.values.gt(0.5).cpu());
    } else {
      squares_ += (logits - targets.values).square().sum().item<double>();
    }
  }

  Figures figures() const {
    Figures found{{"loss", share(loss_, rows_)}};
    if (task_ == Task::kRegression) {
      found["mse"] = share(squares_, rows_);
      return found;
    }
    double f1 = 0;
    double recall = 0;
    for (const Counts& counts : counts_) {
      f1 += f1_of(counts);
      recall += share(counts.hits, counts.hits + counts.misses);
    }
    found["accuracy"] = share(right_, decisions_);
    found["macro_f1"] = share(f1, static_cast<double>(counts_.size()));
    found["macro_recall"] = share(recall, static_cast<double>(counts_.size()));
    return found;
  }

 private:
  void add_classes(const torch::Tensor& found, const torch::Tensor& wanted) {
    for (std::int64_t i = 0; i < found.size(0); ++i) {
      const auto a = static_cast<std::size_t>(found[i].item<std::int64_t>());
      const auto b = static_cast<std::size_t>(wanted[i].item<std::int64_t>());
      ++decisions_;
      if (a == b) {
        ++right_;
        ++counts_[a].hits;
      } else {
        ++counts_[a].false_alarms;
        ++counts_[b].misses;
      }
    }
  }

  void add_decisions(const torch::Tensor& found, const torch::Tensor& wanted) {
    for (std::size_t c = 0; c < counts_.size(); ++c) {
      const torch::Tensor a = found.select(1, static_cast<std::int64_t>(c));
      const torch::Tensor b = wanted.select(1, static_cast<std::int64_t>(c));
      counts_[c].hits += a.logical_and(b).sum().item<double>();
      counts_[c].false_alarms += a.logical_and(b.logical_not()).sum().item<double>();
      counts_[c].misses += b.logical_and(a.logical_not()).sum().item<double>();
    }
    right_ += found.eq(wanted).sum().item<double>();
    decisions_ += static_cast<double>(found.numel());
  }

  Task task_;
  std::vector<Counts> counts_;
  double rows_ = 0, loss_ = 0, squares_ = 0, right_ = 0, decisions_ = 0;
};

}  // namespace

Figures validate(const TrainableModel& model, const std::vector<Example>& examples,
                 const BatchPlan& plan, const Collator& collator, const LossOptions& loss,
                 const std::function<bool()>& stop) {
  const torch::NoGradGuard no_gradients;
  Tally tally(loss.task,
              static_cast<std::size_t>(model.parameters().find("cls.output.bias")->second.size(0)));
  for (const Batch& batch : batches_by_length(examples, plan)) {
    if (stop()) return {};
    const torch::Tensor logits =
        model.logits(collator.tokens(examples, batch, Crop::kHead, 0), false);
    const Targets targets = collator.targets(examples, batch);
    tally.add(logits, targets, loss_of(logits, targets, loss).item<double>());
  }
  return tally.figures();
}

std::string default_figure(Task task) {
  return task == Task::kRegression ? "mse" : "macro_f1";
}

bool is_better(const std::string& figure, double a, double b) {
  return figure == "loss" || figure == "mse" ? a < b : a > b;
}

}  // namespace valence::train
