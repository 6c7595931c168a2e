#include "trends/statistics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "trends/log_odds.h"

using namespace valence;
using doctest::Approx;

namespace {

using Counts = std::vector<std::uint64_t>;

}  // namespace

// The figures below are those of statsmodels 0.15: proportion_confint(method="wilson"),
// proportions_ztest, multipletests(method="fdr_bh").
TEST_CASE("Wilson intervals") {
  const Interval some = wilson_interval(7, 20);
  CHECK(some.low == Approx(0.18119182410108203).epsilon(1e-9));
  CHECK(some.high == Approx(0.5671457233147638).epsilon(1e-9));
  CHECK(wilson_interval(0, 10).low == 0);
  CHECK(wilson_interval(0, 10).high == Approx(0.27753279986288926).epsilon(1e-9));
  CHECK(wilson_interval(10, 10).low == Approx(0.7224672001371106).epsilon(1e-9));
  CHECK(wilson_interval(10, 10).high == 1);
}

TEST_CASE("two proportions") {
  const ProportionTest test = two_proportions(45, 120, 30, 130);
  CHECK(test.z == Approx(2.486225790494234).epsilon(1e-9));
  CHECK(test.p == Approx(0.012910602270337726).epsilon(1e-9));
  CHECK(two_proportions(0, 5, 0, 9).p == 1);
  CHECK(two_proportions(5, 5, 9, 9).p == 1);
}

TEST_CASE("false discovery rates") {
  const std::vector<double> p{0.04, 0.001, 0.03, 0.5, 0.02};
  const std::vector<double> expected{0.05, 0.005, 0.05, 0.5, 0.05};
  const std::vector<double> q = false_discovery_rates(p);
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(q[i] == Approx(expected[i]));
  CHECK(false_discovery_rates({}).empty());
}

TEST_CASE("the bootstrap of a mean") {
  const std::vector<double> values{-1, 0, 1};
  CHECK(std::isnan(bootstrap_of_mean(values, Counts{0, 0, 0}).low));
  const Interval one = bootstrap_of_mean(values, Counts{0, 0, 1});
  CHECK(one.low == 1);
  CHECK(one.high == 1);
  // Of many values it is the normal one; draws of 512 are scaled to all of them.
  for (const std::uint64_t scale : {2U, 200U, 20000U}) {
    const Counts counts{50 * scale, 20 * scale, 30 * scale};
    const double n = 100.0 * static_cast<double>(scale);
    const double error = std::sqrt((0.8 - 0.04) / n);
    const Interval interval = bootstrap_of_mean(values, counts);
    CHECK(std::abs(interval.low - (-0.2 - 1.96 * error)) < 0.4 * error);
    CHECK(std::abs(interval.high - (-0.2 + 1.96 * error)) < 0.4 * error);
  }
}

TEST_CASE("drift: a step is found where it is, and chance is not") {
  Counts counts(24, 60), totals(24, 200);
  CHECK(detect_drift(counts, totals).signals.empty());
  CHECK(detect_drift(counts, totals).baseline == 8);
  for (std::size_t t = 15; t < 24; ++t) counts[t] = 90;
  const DriftResult result = detect_drift(counts, totals);
  REQUIRE_FALSE(result.signals.empty());
  CHECK(result.share == Approx(0.3));
  CHECK(result.signals[0].up);
  CHECK(result.signals[0].since == 15);
  CHECK(result.signals[0].at <= 17);
  for (std::size_t t = 15; t < 24; ++t) counts[t] = 30;
  CHECK_FALSE(detect_drift(counts, totals).signals.at(0).up);
}

TEST_CASE("drift needs periods, and stands shares of none and all") {
  CHECK(detect_drift({}, {}).baseline == 0);
  CHECK(detect_drift(Counts(4, 1), Counts(4, 9)).baseline == 0);
  CHECK(detect_drift(Counts(5, 1), Counts(5, 9)).baseline == 3);
  CHECK(detect_drift(Counts(9, 0), Counts(9, 50)).signals.empty());
  CHECK(detect_drift(Counts(9, 50), Counts(9, 50)).signals.empty());
}

TEST_CASE("log-odds ratios") {
  // From the formula by hand: a = 30 * 15 / 300 = 1.5; odds (12 + 1.5) / 116.5 and (3 + 1.5) /
  // 225.5.
  const LogOdds odds = log_odds(12, 100, 3, 200);
  CHECK(odds.value == Approx(std::log(13.5 / 116.5) - std::log(4.5 / 225.5)));
  CHECK(odds.z == Approx(odds.value / std::sqrt(1 / 13.5 + 1 / 4.5)));
  CHECK(log_odds(3, 200, 12, 100).z == Approx(-odds.z));
}
