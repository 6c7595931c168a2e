// Figures of a classifier that gives each row any number of labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/class_report.h"
#include "eval/reliability.h"
#include "eval/sample.h"

namespace valence {

struct MultiLabelRows {
  std::size_t labels = 0;
  std::vector<std::uint8_t> gold;       // a row of `labels` flags each
  std::vector<std::uint8_t> predicted;  // the same
  std::vector<float> scores;            // the same

  std::size_t size() const { return labels == 0 ? 0 : gold.size() / labels; }
  bool right(std::size_t row) const;  // all labels of the row are
};

// All figures are 0 over no rows.

// The share of rows with exactly the labels that people gave (subset accuracy).
double exact_match(const MultiLabelRows& rows, Sample sample);

std::vector<ClassReport> label_reports(const MultiLabelRows& rows, Sample sample);

// Of all (row, label) decisions together; and the unweighted mean over all labels. As
// scikit-learn's average="micro" and "macro".
double micro_f1(const MultiLabelRows& rows, Sample sample);
double macro_f1(const MultiLabelRows& rows, Sample sample);

// Every (row, label) pair is a forecast: its score against whether people gave the label. Depends
// on no threshold.
Reliability reliability_of(const MultiLabelRows& rows, Sample sample);

// Mean over all (row, label) pairs of (score - answer)^2: 0 is best, 1 worst.
double brier_score(const MultiLabelRows& rows, Sample sample);

}  // namespace valence
