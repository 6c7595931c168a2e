#include "eval/regression.h"

#include <doctest/doctest.h>

#include <cmath>

#include "eval/metrics_fixture.h"

namespace valence {
namespace {

using doctest::Approx;

TEST_CASE("regression figures are scikit-learn's and scipy's, ties included") {
  const Json& golden = metrics_fixture().at("regression");
  const RegressionRows rows{values_of<double>(golden.at("gold")),
                            values_of<double>(golden.at("predicted"))};
  const auto all = all_rows(rows.size());
  CHECK(mean_squared_error(rows, all) == Approx(golden.at("mse").get<double>()));
  CHECK(mean_absolute_error(rows, all) == Approx(golden.at("mae").get<double>()));
  CHECK(pearson(rows, all) == Approx(golden.at("pearson").get<double>()));
  CHECK(spearman(rows, all) == Approx(golden.at("spearman").get<double>()));
}

TEST_CASE("ranks know nothing of distances") {
  const RegressionRows rows{{1, 2, 3, 4}, {1, 10, 100, 1000}};
  const auto all = all_rows(4);
  CHECK(spearman(rows, all) == Approx(1));
  CHECK(pearson(rows, all) < 0.9);
}

TEST_CASE("without variation there is no correlation") {
  const RegressionRows rows{{1, 2}, {3, 3}};
  CHECK(std::isnan(pearson(rows, all_rows(2))));
  CHECK(std::isnan(spearman(rows, {})));
  CHECK(mean_squared_error(rows, {}) == 0);
}

}  // namespace
}  // namespace valence
