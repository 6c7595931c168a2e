#include "eval/calibration.h"

#include <doctest/doctest.h>

#include <cmath>

#include "eval/class_report.h"
#include "eval/metrics_fixture.h"

namespace valence {
namespace {

using doctest::Approx;

WindowLogits one_window(std::vector<float> logits) {
  WindowLogits text;
  text.logits = std::move(logits);
  text.weights = {1};
  return text;
}

CalibrationRows windowed_rows(const Json& golden) {
  CalibrationRows rows;
  rows.classes = golden.at("classes");
  rows.gold = values_of<std::uint32_t>(golden.at("gold"));
  for (const Json& entry : golden.at("texts")) {
    WindowLogits text;
    for (const Json& row : entry.at("logits"))
      for (const Json& logit : row) text.logits.push_back(logit.get<float>());
    text.weights = values_of<double>(entry.at("weights"));
    rows.texts.push_back(std::move(text));
  }
  return rows;
}

TEST_CASE("the temperature is scipy's, with windows averaged after softmax") {
  const Json& golden = metrics_fixture().at("calibration");
  const CalibrationRows rows = windowed_rows(golden);
  CHECK(negative_log_likelihood(rows, 1) == Approx(golden.at("nll_before").get<double>()));
  const double temperature = fit_temperature(rows);
  CHECK(temperature == Approx(golden.at("temperature").get<double>()).epsilon(1e-4));
  CHECK(negative_log_likelihood(rows, temperature) == Approx(golden.at("nll").get<double>()));
}

TEST_CASE("the temperature of sigmoids is scipy's") {
  const Json& golden = metrics_fixture().at("sigmoid_calibration");
  CalibrationRows rows;
  rows.classes = golden.at("labels");
  rows.multi_label = true;
  rows.labels = values_of<std::uint8_t>(golden.at("gold"));
  const auto logits = values_of<float>(golden.at("logits"));
  for (auto at = logits.begin(); at != logits.end(); at += 3)
    rows.texts.push_back(one_window({at, at + 3}));
  CHECK(negative_log_likelihood(rows, 1) == Approx(golden.at("nll_before").get<double>()));
  CHECK(fit_temperature(rows) == Approx(golden.at("temperature").get<double>()).epsilon(1e-4));
}

TEST_CASE("scores are merged over windows by their weights") {
  CalibrationRows rows;
  rows.classes = 2;
  WindowLogits text;
  text.logits = {0, 0, std::log(3.0F), 0};
  text.weights = {1, 3};
  rows.texts = {text};
  rows.gold = {0};
  CHECK(scores_at(rows, 1)[0] == Approx((0.5 + 3 * 0.75) / 4));
  CHECK(scores_at(rows, 1)[1] == Approx((0.5 + 3 * 0.25) / 4));
  CHECK(negative_log_likelihood(rows, 1) == Approx(-std::log(2.75 / 4)));
}

TEST_CASE("extreme logits have a finite loss") {
  CalibrationRows rows;
  rows.classes = 2;
  rows.texts = {one_window({5000, -5000})};
  rows.gold = {1};
  CHECK(negative_log_likelihood(rows, 1) == Approx(10000));
  rows.multi_label = true;
  rows.labels = {0, 1};
  CHECK(negative_log_likelihood(rows, 2) == Approx(2500));
}

TEST_CASE("rows that determine no temperature end at a bound") {
  CalibrationRows rows;
  rows.classes = 2;
  rows.texts = {one_window({1, 0}), one_window({0, 2})};
  rows.gold = {0, 1};
  CHECK(fit_temperature(rows) == kLowestTemperature);
  rows.gold = {1, 0};
  CHECK(fit_temperature(rows) == kHighestTemperature);
}

TEST_CASE("thresholds reach the best F1 that scikit-learn finds") {
  const Json& golden = metrics_fixture().at("multi_label");
  const std::size_t labels = golden.at("labels");
  const auto scores = values_of<float>(golden.at("scores"));
  const auto gold = values_of<std::uint8_t>(golden.at("gold"));
  const std::vector<float> thresholds = fit_thresholds(labels, scores, gold);
  for (std::size_t c = 0; c < labels; ++c) {
    std::size_t both = 0;
    std::size_t predicted = 0;
    std::size_t support = 0;
    for (std::size_t at = c; at < scores.size(); at += labels) {
      const bool chosen = scores[at] >= thresholds[c];
      predicted += chosen ? 1 : 0;
      support += gold[at];
      both += chosen && gold[at] != 0 ? 1 : 0;
    }
    CHECK(class_report(both, predicted, support).f1 ==
          Approx(golden.at("best_f1")[c].get<double>()));
  }
  CHECK(thresholds[4] == 0.5F);  // no row has this label
}

TEST_CASE("thresholds separate, stay inside 0 and 1, and prefer 0.5") {
  using Scores = std::vector<float>;
  using Flags = std::vector<std::uint8_t>;
  CHECK(fit_thresholds(1, Scores{0.9F, 0.1F}, Flags{1, 0})[0] == 0.5F);
  CHECK(fit_thresholds(1, Scores{0.3F, 0.1F}, Flags{1, 0})[0] == 0.2F);
  CHECK(fit_thresholds(1, Scores{0.95F, 0.85F}, Flags{1, 0})[0] == doctest::Approx(0.9));
  const float top = fit_thresholds(1, Scores{1, 1, 0.9999999F}, Flags{1, 1, 0})[0];
  CHECK(top < 1);
  CHECK(fit_thresholds(1, Scores{0, 0}, Flags{1, 0})[0] == 0.5F);
}

}  // namespace
}  // namespace valence
