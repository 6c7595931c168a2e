#include "trends/statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

namespace valence {
namespace {

constexpr double kNormal975 = 1.959963984540054;  // the 97.5 % quantile
constexpr std::uint64_t kSeed = 20251130;
constexpr std::uint64_t kPopulation = 4096;
constexpr std::size_t kLeastBaseline = 3, kMostBaseline = 24;
constexpr std::size_t kLeastBehind = 2;        // periods behind the first ones
constexpr double kMovingRangeToSigma = 1.128;  // d2 of two values

// At most kPopulation values in the proportions of their counts; all of them where they are fewer.
std::vector<double> population_of(std::span<const double> values,
                                  std::span<const std::uint64_t> counts, std::uint64_t total) {
  const std::uint64_t size = std::min(total, kPopulation);
  std::vector<double> population;
  population.reserve(size);
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    passed += counts[i];
    const auto until = static_cast<std::size_t>(
        total == size ? passed
                      : std::llround(static_cast<double>(passed) * static_cast<double>(size) /
                                     static_cast<double>(total)));
    population.resize(std::max(until, population.size()), values[i]);
  }
  return population;
}

// Every interval is drawn with the same numbers: enough for the largest one, made once.
const std::vector<std::uint64_t>& random_words() {
  static const std::vector<std::uint64_t> kWords = [] {
    std::vector<std::uint64_t> words(kResamples * (kMostDrawn / 2));
    std::mt19937_64 random(kSeed);
    std::generate(words.begin(), words.end(), std::ref(random));
    return words;
  }();
  return kWords;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double ratio(std::uint64_t count, std::uint64_t total) {
  return static_cast<double>(count) / static_cast<double>(total);
}

}  // namespace

Interval wilson_interval(std::uint64_t count, std::uint64_t total) {
  const auto n = static_cast<double>(total);
  const double share = ratio(count, total);
  const double z2 = kNormal975 * kNormal975;
  const double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half =
      kNormal975 / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  return {count == 0 ? 0 : centre - half, count == total ? 1 : centre + half};
}

ProportionTest two_proportions(std::uint64_t count1, std::uint64_t total1, std::uint64_t count2,
                               std::uint64_t total2) {
  const double pooled = ratio(count1 + count2, total1 + total2);
  const double variance =
      pooled * (1 - pooled) * (1 / static_cast<double>(total1) + 1 / static_cast<double>(total2));
  if (variance <= 0) return {};
  const double z = (ratio(count1, total1) - ratio(count2, total2)) / std::sqrt(variance);
  return {z, std::erfc(std::abs(z) / std::sqrt(2.0))};
}

std::vector<double> false_discovery_rates(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> q(p.size());
  double least = 1;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    const std::size_t place = order[rank - 1];
    least = std::min(least, p[place] * static_cast<double>(p.size()) / static_cast<double>(rank));
    q[place] = least;
  }
  return q;
}

Interval bootstrap_of_mean(std::span<const double> values, std::span<const std::uint64_t> counts) {
  const std::uint64_t total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (total == 0) return percentile_interval({});
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += values[i] * static_cast<double>(counts[i]);
  const double mean = sum / static_cast<double>(total);
  const std::vector<double> population = population_of(values, counts, total);
  const double centre = mean_of(population);
  const std::uint64_t drawn = std::min(total, kMostDrawn);
  const double shrink = std::sqrt(ratio(drawn, total));
  auto random = random_words().begin();
  std::vector<double> means(kResamples);
  for (double& resampled : means) {
    double drawn_sum = 0;
    for (std::uint64_t i = 0; i < drawn; i += 2) {
      const std::uint64_t bits = *random++;
      drawn_sum += population[((bits & 0xFFFFFFFFU) * population.size()) >> 32U];
      if (i + 1 < drawn) drawn_sum += population[((bits >> 32U) * population.size()) >> 32U];
    }
    resampled = mean + shrink * (drawn_sum / static_cast<double>(drawn) - centre);
  }
  return percentile_interval(std::move(means));
}

DriftResult detect_drift(std::span<const std::uint64_t> counts,
                         std::span<const std::uint64_t> totals) {
  DriftResult result;
  const std::size_t first = std::clamp(counts.size() / 3, kLeastBaseline, kMostBaseline);
  if (counts.size() < first + kLeastBehind) return result;
  result.baseline = first;
  const auto sum = [&](std::span<const std::uint64_t> list) {
    return static_cast<double>(std::accumulate(
        list.begin(), list.begin() + static_cast<std::ptrdiff_t>(first), std::uint64_t{0}));
  };
  const double baseline_total = sum(totals);
  const double share = (sum(counts) + 0.5) / (baseline_total + 1);
  result.share = sum(counts) / baseline_total;
  const double variance = share * (1 - share);

  double moved = 0, last = 0;
  for (std::size_t t = 0; t < counts.size(); ++t) {
    const double z = (ratio(counts[t], totals[t]) - share) /
                     std::sqrt(variance / static_cast<double>(totals[t]));
    if (t > 0) moved += std::abs(z - last);
    last = z;
  }
  const double spread =
      std::max(1.0, moved / static_cast<double>(counts.size() - 1) / kMovingRangeToSigma);

  struct Side {
    double sign = 1;
    double sum = 0;
    std::size_t since = 0;
  };
  Side sides[] = {{1}, {-1}};
  for (std::size_t t = first; t < counts.size(); ++t) {
    const double expected =
        spread * std::sqrt(variance * (1 / static_cast<double>(totals[t]) + 1 / baseline_total));
    const double deviation = (ratio(counts[t], totals[t]) - share) / expected;
    for (Side& side : sides) {
      if (side.sum == 0) side.since = t;
      side.sum = std::max(0.0, side.sum + side.sign * deviation - kDriftAllowance);
      if (side.sum <= kDriftLimit) continue;
      result.signals.push_back({t, side.since, side.sign > 0, side.sum});
      side.sum = 0;
    }
  }
  return result;
}

}  // namespace valence
