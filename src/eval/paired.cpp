#include "eval/paired.h"

#include <algorithm>
#include <cmath>

namespace valence {

double mcnemar_exact(std::size_t only_first_right, std::size_t only_second_right) {
  const auto n = static_cast<double>(only_first_right + only_second_right);
  const std::size_t fewer = std::min(only_first_right, only_second_right);
  double tail = 0;
  for (std::size_t i = 0; i <= fewer; ++i) {
    const auto k = static_cast<double>(i);
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) -
                     n * std::log(2.0));
  }
  return std::min(1.0, 2 * tail);
}

double largest_change(std::span<const float> first, std::span<const float> second) {
  double largest = 0;
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(first[i]) - second[i]));
  return largest;
}

}  // namespace valence
