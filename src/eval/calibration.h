// Temperature scaling and decision thresholds, fitted on rows that people answered.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/window_logits.h"

namespace valence {

struct CalibrationRows {
  std::size_t classes = 0;
  bool multi_label = false;          // scores by sigmoid instead of softmax
  std::vector<WindowLogits> texts;   // none with an error
  std::vector<std::uint32_t> gold;   // single-label: a class a row
  std::vector<std::uint8_t> labels;  // multi-label: a row of `classes` flags each
};

// Scores of all rows: softmax or sigmoid of logits / temperature, the windows of a text averaged by
// their weights, as the classifier does it.
std::vector<float> scores_at(const CalibrationRows& rows, double temperature);

// Mean over rows of -log(score of the answer); multi-label: mean over (row, label) pairs of the
// binary cross-entropy. Exact for scores that would round to 0. 0 over no rows.
double negative_log_likelihood(const CalibrationRows& rows, double temperature);

inline constexpr double kLowestTemperature = 0.02;
inline constexpr double kHighestTemperature = 50;

// The temperature with the least negative log likelihood (Guo et al. 2017, section 4.2), by a grid
// and golden-section search over its logarithm. It comes out at one of the bounds above where the
// rows do not determine it: all answers right, or the scores no better than chance.
double fit_temperature(const CalibrationRows& rows);

// For each label the threshold, inside (0, 1), at which `score >= threshold` has the highest F1
// (Lipton et al. 2014); of equal ones that nearest to 0.5, which is also what a label that no
// row has gets. `scores` and `labels`: a row of `classes` values each.
std::vector<float> fit_thresholds(std::size_t classes, std::span<const float> scores,
                                  std::span<const std::uint8_t> labels);

}  // namespace valence
