// Confidence against how often it is right.
#pragma once

#include <array>
#include <cstddef>

namespace valence {

inline constexpr std::size_t kReliabilityBins = 15;

// Scores in 15 bins of equal width, (0, 1/15], (1/15, 2/15], ...; a score of 0 counts in the first,
// one outside of 0 to 1 in the nearest.
class Reliability {
 public:
  struct Bin {
    std::size_t count = 0;
    double confidence_sum = 0;
    std::size_t right = 0;

    double confidence() const { return confidence_sum / static_cast<double>(count); }
    double accuracy() const { return static_cast<double>(right) / static_cast<double>(count); }
  };

  void add(double confidence, bool right);

  const std::array<Bin, kReliabilityBins>& bins() const { return bins_; }
  std::size_t count() const;

  // Expected calibration error: sum over bins of count / n * |accuracy - mean confidence|; empty
  // bins have no weight; 0 where nothing was added. Guo et al. 2017, "On Calibration of Modern
  // Neural Networks", equation 3.
  double expected_calibration_error() const;

 private:
  std::array<Bin, kReliabilityBins> bins_;
};

}  // namespace valence
