// A model's answers beside people's.
#pragma once

#include <string>
#include <vector>

#include "apps/cli/labelled_data.h"
#include "eval/multi_label.h"
#include "eval/regression.h"
#include "eval/single_label.h"

namespace valence::cli {

struct ModelAnswers {
  std::vector<Classification> answers;  // one a row, all labels
  double seconds = 0;                   // of classifying
  std::size_t tokens = 0;
};

// In chunks of a few hundred rows, with a progress bar where `progress` says so.
ModelAnswers classify_rows(const Classifier& classifier, const std::vector<LabelledRow>& rows,
                           const ClassifyOptions& options, bool progress);

// One of the three, as `task` says.
struct EvaluatedRows {
  Task task = Task::kSingleLabel;
  bool probabilities = true;  // scores are: those of the function "none" are not
  SingleLabelRows single;
  MultiLabelRows multi;
  RegressionRows numbers;

  std::size_t size() const;
};

// How one model's labels are read.
struct ClassView {
  std::vector<std::string> classes;  // to evaluate
  std::vector<std::size_t> ids;      // the model's id of each
  bool renormalise = false;          // scores are divided by their sum: some classes are left out
};

// Throws Error(kInvalidArgument) where the model lacks a class, or `classes` names one twice.
ClassView view_of(const ModelInfo& model, const std::vector<std::string>& classes);

// Rows `used` (row numbers) of the data with the answers of one model.
EvaluatedRows evaluate_rows(Task task, const ClassView& view, const LabelledData& data,
                            const std::vector<std::size_t>& used, const ModelAnswers& answers);

}  // namespace valence::cli
