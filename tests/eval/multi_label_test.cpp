#include "eval/multi_label.h"

#include <doctest/doctest.h>

#include "eval/metrics_fixture.h"

namespace valence {
namespace {

using doctest::Approx;

TEST_CASE("multi-label figures over three rows, counted by hand") {
  const MultiLabelRows rows{2, {1, 0, 0, 0, 1, 1}, {1, 0, 0, 1, 1, 0}, {1, 0, 0, 0.5F, 1, 0.25F}};
  const auto all = all_rows(rows.size());
  REQUIRE(rows.size() == 3);
  CHECK(exact_match(rows, all) == Approx(1 / 3.0));
  CHECK(micro_f1(rows, all) == Approx(2 * 2 / 6.0));  // 2 true of 3 predicted and 3 given
  CHECK(macro_f1(rows, all) == Approx(0.5));          // 1 and 0
  CHECK(brier_score(rows, all) == Approx((0.25 + 0.5625) / 6));
  CHECK(reliability_of(rows, all).count() == 6);
  CHECK(reliability_of(rows, all).expected_calibration_error() == Approx((0.5 + 0.75) / 6));
  CHECK(exact_match(rows, {}) == 0);
  CHECK(micro_f1(rows, {}) == 0);
}

TEST_CASE("multi-label figures are scikit-learn's") {
  const Json& golden = metrics_fixture().at("multi_label");
  MultiLabelRows rows;
  rows.labels = golden.at("labels");
  rows.scores = values_of<float>(golden.at("scores"));
  rows.gold = values_of<std::uint8_t>(golden.at("gold"));
  for (const float score : rows.scores) rows.predicted.push_back(score >= 0.5F ? 1 : 0);
  const auto all = all_rows(rows.size());
  CHECK(exact_match(rows, all) == Approx(golden.at("exact_match").get<double>()));
  CHECK(micro_f1(rows, all) == Approx(golden.at("micro_f1").get<double>()));
  CHECK(macro_f1(rows, all) == Approx(golden.at("macro_f1").get<double>()));
  CHECK(brier_score(rows, all) == Approx(golden.at("brier").get<double>()).epsilon(1e-6));
  CHECK(reliability_of(rows, all).expected_calibration_error() ==
        Approx(golden.at("ece").get<double>()).epsilon(1e-6));
  const auto reports = label_reports(rows, all);
  for (std::size_t c = 0; c < rows.labels; ++c) {
    CHECK(reports[c].precision == Approx(golden.at("precision")[c].get<double>()));
    CHECK(reports[c].recall == Approx(golden.at("recall")[c].get<double>()));
    CHECK(reports[c].f1 == Approx(golden.at("f1")[c].get<double>()));
    CHECK(reports[c].support == golden.at("support")[c].get<std::size_t>());
  }
}

}  // namespace
}  // namespace valence
