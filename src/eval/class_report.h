// Precision, recall and F1.
#pragma once

#include <cstddef>
#include <span>

namespace valence {

// Of one class or label. Ratios are 0 where their denominator is (scikit-learn's zero_division=0).
struct ClassReport {
  double precision = 0;     // true positives / predicted
  double recall = 0;        // true positives / support
  double f1 = 0;            // 2 * true positives / (predicted + support)
  std::size_t support = 0;  // rows that people gave it
  std::size_t predicted = 0;
};

ClassReport class_report(std::size_t true_positives, std::size_t predicted, std::size_t support);

}  // namespace valence
