#include "eval/bootstrap.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "eval/metrics_fixture.h"

namespace valence {
namespace {

using doctest::Approx;

Statistic mean_of(const std::vector<double>& values) {
  return [&values](Sample sample) {
    double sum = 0;
    for (const std::uint32_t row : sample) sum += values[row];
    return sum / static_cast<double>(sample.size());
  };
}

TEST_CASE("percentiles are numpy's") {
  const Json& golden = metrics_fixture().at("percentiles");
  const Interval interval = percentile_interval(values_of<double>(golden.at("values")));
  CHECK(interval.low == Approx(golden.at("interval")[0].get<double>()));
  CHECK(interval.high == Approx(golden.at("interval")[1].get<double>()));
  CHECK(std::isnan(percentile_interval({std::nan("")}).low));
  CHECK(percentile_interval({std::nan(""), 4}).high == 4);
}

TEST_CASE("the same rows give the same interval, and a constant has none") {
  const std::vector<double> values{1, 0, 0, 1, 1, 0, 1};
  const std::vector<Statistic> statistics{mean_of(values), [](Sample) { return 3.0; }};
  const auto first = bootstrap_intervals(values.size(), statistics);
  const auto second = bootstrap_intervals(values.size(), statistics);
  CHECK(first[0].low == second[0].low);
  CHECK(first[0].high == second[0].high);
  CHECK(first[0].low < 4 / 7.0);
  CHECK(first[0].high > 4 / 7.0);
  CHECK(first[1].low == 3);
  CHECK(first[1].high == 3);
}

TEST_CASE("draws cover all rows evenly") {
  constexpr std::size_t kRows = 10;
  std::vector<double> counts(kRows);
  const std::vector<Statistic> statistics{[&](Sample sample) {
    for (const std::uint32_t row : sample) ++counts.at(row);
    return 0.0;
  }};
  bootstrap(kRows, statistics, 10000);
  for (const double count : counts) CHECK(count == Approx(10000).epsilon(0.05));
}

TEST_CASE("the interval of a share is the binomial distribution's") {
  std::vector<double> values(400);
  for (std::size_t i = 0; i < 320; ++i) values[i] = 1;
  const std::vector<Statistic> statistics{mean_of(values)};
  const Interval interval = bootstrap_intervals(values.size(), statistics, 4000)[0];
  const double half = 1.96 * std::sqrt(0.8 * 0.2 / 400);
  CHECK(interval.low == Approx(0.8 - half).epsilon(0.01));
  CHECK(interval.high == Approx(0.8 + half).epsilon(0.01));
}

TEST_CASE("about 95 of 100 intervals hold the true mean") {
  std::mt19937 random(3);
  std::normal_distribution<double> normal(2, 1);
  int held = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> values(100);
    for (double& value : values) value = normal(random);
    const std::vector<Statistic> statistics{mean_of(values)};
    const Interval interval = bootstrap_intervals(values.size(), statistics, 400)[0];
    held += interval.low <= 2 && 2 <= interval.high ? 1 : 0;
  }
  // Four standard deviations of the binomial distribution around 94.
  CHECK(held >= 175);
  CHECK(held <= 199);
}

}  // namespace
}  // namespace valence
