#include "eval/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace valence {
namespace {

constexpr std::uint64_t kSeed = 20170806;

// `sorted` is not empty.
double percentile(const std::vector<double>& sorted, double percent) {
  const double place = percent / 100 * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

Interval percentile_interval(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return {std::nan(""), std::nan("")};
  std::sort(values.begin(), values.end());
  return {percentile(values, 2.5), percentile(values, 97.5)};
}

Draws bootstrap(std::size_t rows, std::span<const Statistic> statistics, std::size_t resamples) {
  // std::uniform_int_distribution differs between libraries; this draw does not, and for such
  // counts its bias is below 2^-32 a row.
  std::mt19937_64 random(kSeed);
  std::vector<std::uint32_t> draw(rows);
  Draws values(statistics.size());
  for (std::size_t i = 0; i < resamples; ++i) {
    for (std::uint32_t& row : draw)
      row = static_cast<std::uint32_t>(((random() >> 32U) * rows) >> 32U);
    for (std::size_t s = 0; s < statistics.size(); ++s) values[s].push_back(statistics[s](draw));
  }
  return values;
}

std::vector<Interval> bootstrap_intervals(std::size_t rows, std::span<const Statistic> statistics,
                                          std::size_t resamples) {
  std::vector<Interval> intervals;
  for (std::vector<double>& values : bootstrap(rows, statistics, resamples))
    intervals.push_back(percentile_interval(std::move(values)));
  return intervals;
}

}  // namespace valence
