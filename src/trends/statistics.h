// The figures of trends: pure functions of counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/bootstrap.h"

namespace valence {

// Wilson 1927: the 95 % score interval of a share. `total` is not 0.
Interval wilson_interval(std::uint64_t count, std::uint64_t total);

struct ProportionTest {
  double z = 0;
  double p = 1;
};

// Are two shares the same? Two-sided z-test with pooled variance, no correction for continuity; the
// totals are not 0. z > 0: the first share is the larger one. z = 0 and p = 1 where all counts are
// none or all.
ProportionTest two_proportions(std::uint64_t count1, std::uint64_t total1, std::uint64_t count2,
                               std::uint64_t total2);

// Benjamini and Hochberg 1995: the smallest rate of false discoveries at which each of the tests
// would be one, in the order of `p`.
std::vector<double> false_discovery_rates(std::span<const double> p);

// The 95 % percentile interval of a mean by the bootstrap (Efron 1979): of `counts[i]` times
// `values[i]`. 1000 resamples, from a fixed seed. Of more than kMostDrawn values, resamples have
// kMostDrawn ones and their deviations are scaled by the root of the ratio (the m out of n
// bootstrap of Bickel, Götze and van Zwet 1997). Of more than 4096 values, 4096 in the same
// proportions are drawn from. Not a number where all counts are 0.
inline constexpr std::uint64_t kMostDrawn = 512;
Interval bootstrap_of_mean(std::span<const double> values, std::span<const std::uint64_t> counts);

// Tabular CUSUM (Page 1954) on shares k / n of a series of periods (n > 0). The share to deviate
// from is that of the first periods: a third of all, from 3 to 24 of them, with half a text added
// on both sides. Deviations are standardised by what is expected of n and of the first periods'
// own size, and by the spread that the series shows from one period to the next where that is more
// than chance (Laney 2002: mean moving range over 1.128, at least 1).
struct Drift {
  std::size_t at = 0;     // the period in which the sum passed the limit
  std::size_t since = 0;  // the period in which it had left 0
  bool up = false;
  double statistic = 0;
};
struct DriftResult {
  std::vector<Drift> signals;
  std::size_t baseline = 0;  // number of first periods; 0: the series is too short to tell
  double share = 0;          // theirs
};
inline constexpr double kDriftAllowance = 0.75;  // k, in standard deviations
inline constexpr double kDriftLimit = 5;         // h
DriftResult detect_drift(std::span<const std::uint64_t> counts,
                         std::span<const std::uint64_t> totals);

}  // namespace valence
