#include "eval/reliability.h"

#include <algorithm>
#include <cmath>

namespace valence {

void Reliability::add(double confidence, bool right) {
  constexpr double kLast = kReliabilityBins - 1;
  const double place = std::ceil(confidence * static_cast<double>(kReliabilityBins)) - 1;
  Bin& bin = bins_[static_cast<std::size_t>(std::clamp(place, 0.0, kLast))];
  ++bin.count;
  bin.confidence_sum += confidence;
  bin.right += right ? 1 : 0;
}

std::size_t Reliability::count() const {
  std::size_t count = 0;
  for (const Bin& bin : bins_) count += bin.count;
  return count;
}

double Reliability::expected_calibration_error() const {
  double sum = 0;
  for (const Bin& bin : bins_) sum += std::abs(static_cast<double>(bin.right) - bin.confidence_sum);
  return count() == 0 ? 0 : sum / static_cast<double>(count());
}

}  // namespace valence
