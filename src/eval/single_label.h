// Figures of a classifier that gives each row one class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/class_report.h"
#include "eval/reliability.h"
#include "eval/sample.h"

namespace valence {

struct SingleLabelRows {
  std::size_t classes = 0;
  std::vector<std::uint32_t> gold;       // class numbers
  std::vector<std::uint32_t> predicted;  // those of the highest scores
  std::vector<float> scores;             // a row of `classes` scores each

  std::size_t size() const { return gold.size(); }
  std::span<const float> scores_of(std::size_t row) const {
    return std::span(scores).subspan(row * classes, classes);
  }
  float top_score(std::size_t row) const { return scores_of(row)[predicted[row]]; }
  bool right(std::size_t row) const { return gold[row] == predicted[row]; }

  // `row_scores` has `classes` scores; the highest is the prediction, the first of equal ones.
  void add(std::uint32_t gold_class, std::span<const float> row_scores);
};

// All figures are 0 over no rows.
double accuracy(const SingleLabelRows& rows, Sample sample);

// Mean over rows of the squared differences between scores and the one-hot answer, summed over
// classes: 0 is best, 2 worst. Brier 1950, "Verification of forecasts expressed in terms of
// probability".
double brier_score(const SingleLabelRows& rows, Sample sample);

// The score of the predicted class against whether it is right.
Reliability reliability_of(const SingleLabelRows& rows, Sample sample);

using ConfusionMatrix = std::vector<std::vector<std::size_t>>;  // [gold][predicted]
ConfusionMatrix confusion_matrix(const SingleLabelRows& rows, Sample sample);

std::vector<ClassReport> class_reports(const ConfusionMatrix& confusion);

// Unweighted means over the classes that occur among answers or predictions, as scikit-learn's
// average="macro" takes them.
double macro_f1(const ConfusionMatrix& confusion);
double macro_recall(const ConfusionMatrix& confusion);

struct Coverage {
  double threshold = 0;
  double coverage = 0;   // share of rows whose top score is at least the threshold
  double accuracy = 0;   // over those; 0 where there are none
  std::size_t rows = 0;  // how many those are
};

// At 0.5, 0.55, ... 0.95.
std::vector<Coverage> coverage_at_thresholds(const SingleLabelRows& rows);

}  // namespace valence
