// Figures of a model that gives each row a number.
#pragma once

#include <vector>

#include "eval/sample.h"

namespace valence {

struct RegressionRows {
  std::vector<double> gold;
  std::vector<double> predicted;

  std::size_t size() const { return gold.size(); }
};

// 0 over no rows.
double mean_squared_error(const RegressionRows& rows, Sample sample);
double mean_absolute_error(const RegressionRows& rows, Sample sample);

// Correlations, from -1 to 1; not a number where one side does not vary.
double pearson(const RegressionRows& rows, Sample sample);
double spearman(const RegressionRows& rows, Sample sample);  // Pearson's of the ranks; ties: mean

}  // namespace valence
