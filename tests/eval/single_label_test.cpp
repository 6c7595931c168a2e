#include "eval/single_label.h"

#include <doctest/doctest.h>

#include "eval/metrics_fixture.h"

namespace valence {
namespace {

using doctest::Approx;

SingleLabelRows rows_of(std::size_t classes, const std::vector<float>& scores,
                        const std::vector<std::uint32_t>& gold) {
  SingleLabelRows rows;
  rows.classes = classes;
  for (std::size_t i = 0; i < gold.size(); ++i)
    rows.add(gold[i], std::span(scores).subspan(i * classes, classes));
  return rows;
}

// Right, right, wrong, right.
SingleLabelRows four_rows() {
  return rows_of(3, {0.75F, 0.25F, 0, 0.25F, 0.75F, 0, 0.5F, 0.5F, 0, 1, 0, 0}, {0, 1, 1, 0});
}

TEST_CASE("figures over four rows, counted by hand") {
  const SingleLabelRows rows = four_rows();
  const auto all = all_rows(rows.size());
  CHECK(rows.predicted == std::vector<std::uint32_t>{0, 1, 0, 0});  // of equal scores the first
  CHECK(accuracy(rows, all) == 0.75);
  const ConfusionMatrix confusion = confusion_matrix(rows, all);
  CHECK(confusion == ConfusionMatrix{{2, 0, 0}, {1, 1, 0}, {0, 0, 0}});
  const auto reports = class_reports(confusion);
  CHECK(reports[0].precision == Approx(2 / 3.0));
  CHECK(reports[0].recall == 1);
  CHECK(reports[0].f1 == Approx(0.8));
  CHECK(reports[1].f1 == Approx(2 / 3.0));
  CHECK(reports[1].support == 2);
  CHECK(reports[2].f1 == 0);
  // The third class occurs nowhere and does not count.
  CHECK(macro_f1(confusion) == Approx((0.8 + 2 / 3.0) / 2));
  CHECK(macro_recall(confusion) == Approx(0.75));
  CHECK(brier_score(rows, all) == Approx((0.125 + 0.125 + 0.5 + 0) / 4));
  // 0.75 twice (both right), 0.5 (wrong), 1 (right).
  CHECK(reliability_of(rows, all).expected_calibration_error() == Approx((0.5 + 0.5) / 4));
}

TEST_CASE("a sample may hold rows several times or not at all") {
  const SingleLabelRows rows = four_rows();
  const std::vector<std::uint32_t> draw{2, 2, 2, 0};
  CHECK(accuracy(rows, draw) == 0.25);
  CHECK(confusion_matrix(rows, draw)[1][0] == 3);
}

TEST_CASE("over no rows all figures are 0") {
  SingleLabelRows rows;
  rows.classes = 2;
  CHECK(accuracy(rows, {}) == 0);
  CHECK(brier_score(rows, {}) == 0);
  CHECK(macro_f1(confusion_matrix(rows, {})) == 0);
  CHECK(reliability_of(rows, {}).expected_calibration_error() == 0);
  CHECK(coverage_at_thresholds(rows).front().coverage == 0);
}

TEST_CASE("coverage counts rows at the threshold itself") {
  const auto entries = coverage_at_thresholds(rows_of(2, {0.6F, 0.4F, 0.3F, 0.7F}, {0, 0}));
  REQUIRE(entries.size() == 10);
  CHECK(entries[0].threshold == 0.5);
  CHECK(entries[0].coverage == 1);
  CHECK(entries[0].accuracy == 0.5);
  CHECK(entries[2].threshold == Approx(0.6));
  CHECK(entries[2].coverage == 1);
  CHECK(entries[3].coverage == 0.5);
  CHECK(entries[3].accuracy == 0);
  CHECK(entries[9].threshold == Approx(0.95));
  CHECK(entries[9].rows == 0);
}

TEST_CASE("figures are scikit-learn's") {
  const Json& golden = metrics_fixture().at("single_label");
  const SingleLabelRows rows = rows_of(golden.at("classes"), values_of<float>(golden.at("scores")),
                                       values_of<std::uint32_t>(golden.at("gold")));
  const auto all = all_rows(rows.size());
  const ConfusionMatrix confusion = confusion_matrix(rows, all);
  CHECK(accuracy(rows, all) == Approx(golden.at("accuracy").get<double>()));
  CHECK(macro_f1(confusion) == Approx(golden.at("macro_f1").get<double>()));
  CHECK(macro_recall(confusion) == Approx(golden.at("macro_recall").get<double>()));
  CHECK(brier_score(rows, all) == Approx(golden.at("brier").get<double>()).epsilon(1e-6));
  CHECK(reliability_of(rows, all).expected_calibration_error() ==
        Approx(golden.at("ece").get<double>()).epsilon(1e-6));
  const auto reports = class_reports(confusion);
  for (std::size_t c = 0; c < rows.classes; ++c) {
    CHECK(confusion[c] == values_of<std::size_t>(golden.at("confusion")[c]));
    CHECK(reports[c].precision == Approx(golden.at("precision")[c].get<double>()));
    CHECK(reports[c].recall == Approx(golden.at("recall")[c].get<double>()));
    CHECK(reports[c].f1 == Approx(golden.at("f1")[c].get<double>()));
    CHECK(reports[c].support == golden.at("support")[c].get<std::size_t>());
  }
}

}  // namespace
}  // namespace valence
