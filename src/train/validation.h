// How good a model is on held-back examples.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "train/batches.h"
#include "train/collate.h"
#include "train/loss.h"
#include "train/trainable_model.h"

namespace valence::train {

// Figures by name, as src/eval defines them: "loss" and, by task, "accuracy", "macro_f1",
// "macro_recall" (single-label), "accuracy" (of whole rows), "macro_f1", "micro_f1" (multi-label),
// "mse" (regression).
using Figures = std::map<std::string, double>;

Figures validate(const TrainableModel& model, const std::vector<Example>& examples,
                 const BatchPlan& plan, const Collator& collator, const LossOptions& loss,
                 const std::function<bool()>& stop);

// The figure that tells the best checkpoint when none is named.
std::string default_figure(Task task);

// Whether `figure` is better at `a` than at `b`.
bool is_better(const std::string& figure, double a, double b);

}  // namespace valence::train
