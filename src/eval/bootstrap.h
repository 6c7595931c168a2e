// How far figures over a sample of rows may be trusted.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "eval/sample.h"

namespace valence {

struct Interval {
  double low = 0;
  double high = 0;
};

using Statistic = std::function<double(Sample)>;

inline constexpr std::size_t kResamples = 1000;

// The statistics over `resamples` draws of `rows` rows with replacement (Efron 1979): for each
// statistic its values by draw. All are counted over the same draws, so that differences of values
// are paired. The draws depend on the number of rows alone, which is from 1 to 2^32 - 1.
using Draws = std::vector<std::vector<double>>;
Draws bootstrap(std::size_t rows, std::span<const Statistic> statistics,
                std::size_t resamples = kResamples);

// The 95 % percentile interval: the 2.5th and 97.5th percentiles, linear between order statistics
// as numpy.percentile. Values that are no numbers are left out; not a number where none remains.
Interval percentile_interval(std::vector<double> values);

// Of each statistic.
std::vector<Interval> bootstrap_intervals(std::size_t rows, std::span<const Statistic> statistics,
                                          std::size_t resamples = kResamples);

}  // namespace valence
