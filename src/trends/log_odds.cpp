#include "trends/log_odds.h"

#include <algorithm>
#include <cmath>

namespace valence {
namespace {

constexpr double kPriorShare = 0.1, kPriorWords = 500;

}  // namespace

LogOdds log_odds(std::uint64_t count1, std::uint64_t total1, std::uint64_t count2,
                 std::uint64_t total2) {
  const auto y1 = static_cast<double>(count1), n1 = static_cast<double>(total1);
  const auto y2 = static_cast<double>(count2), n2 = static_cast<double>(total2);
  const double prior_words = std::min(kPriorWords, kPriorShare * (n1 + n2));
  const double prior = prior_words * (y1 + y2) / (n1 + n2);
  const auto odds = [&](double y, double n) {
    return std::log((y + prior) / (n + prior_words - y - prior));
  };
  const double value = odds(y1, n1) - odds(y2, n2);
  const double variance = 1 / (y1 + prior) + 1 / (y2 + prior);
  return {value, value / std::sqrt(variance)};
}

}  // namespace valence
