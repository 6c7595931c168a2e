#include "eval/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace valence {
namespace {

// log(sum of exp), which no value overflows.
double log_sum_exp(std::span<const double> values) {
  const double largest = *std::max_element(values.begin(), values.end());
  if (std::isinf(largest)) return largest;
  double sum = 0;
  for (const double value : values) sum += std::exp(value - largest);
  return largest + std::log(sum);
}

double log_sigmoid(double value) {
  return value < 0 ? value - std::log1p(std::exp(value)) : -std::log1p(std::exp(-value));
}

// The logarithm of the average over a text's windows of exp(log_score(logits of the window)).
template <typename LogScore>
double log_average(const WindowLogits& text, std::size_t classes, const LogScore& log_score) {
  std::vector<double> parts;
  double total = 0;
  for (std::size_t i = 0; i < text.weights.size(); ++i) {
    const auto row = std::span(text.logits).subspan(i * classes, classes);
    parts.push_back(std::log(text.weights[i]) + log_score(row));
    total += text.weights[i];
  }
  return log_sum_exp(parts) - std::log(total);
}

double log_softmax(std::span<const float> logits, std::size_t of, double temperature) {
  std::vector<double> scaled;
  scaled.reserve(logits.size());
  for (const float logit : logits) scaled.push_back(logit / temperature);
  return scaled[of] - log_sum_exp(scaled);
}

// The logarithm of what the model gives the class, or with `present` false of what it leaves.
double log_score(const CalibrationRows& rows, std::size_t row, std::size_t of, bool present,
                 double temperature) {
  return log_average(rows.texts[row], rows.classes, [&](std::span<const float> logits) {
    if (!rows.multi_label) return log_softmax(logits, of, temperature);
    return log_sigmoid((present ? logits[of] : -logits[of]) / temperature);
  });
}

template <typename Function>
double golden_section(double low, double high, const Function& f) {
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  double left = high - ratio * (high - low);
  double right = low + ratio * (high - low);
  double f_left = f(left);
  double f_right = f(right);
  while (high - low > 1e-6) {
    if (f_left <= f_right) {
      high = right;
      right = left;
      f_right = f_left;
      f_left = f(left = high - ratio * (high - low));
    } else {
      low = left;
      left = right;
      f_left = f_right;
      f_right = f(right = low + ratio * (high - low));
    }
  }
  return (low + high) / 2;
}

}  // namespace

std::vector<float> scores_at(const CalibrationRows& rows, double temperature) {
  std::vector<float> scores;
  scores.reserve(rows.texts.size() * rows.classes);
  for (std::size_t row = 0; row < rows.texts.size(); ++row)
    for (std::size_t c = 0; c < rows.classes; ++c)
      scores.push_back(static_cast<float>(std::exp(log_score(rows, row, c, true, temperature))));
  return scores;
}

double negative_log_likelihood(const CalibrationRows& rows, double temperature) {
  double sum = 0;
  for (std::size_t row = 0; row < rows.texts.size(); ++row) {
    if (!rows.multi_label) {
      sum -= log_score(rows, row, rows.gold[row], true, temperature);
      continue;
    }
    for (std::size_t c = 0; c < rows.classes; ++c)
      sum -= log_score(rows, row, c, rows.labels[row * rows.classes + c] != 0, temperature);
  }
  const std::size_t terms = rows.texts.size() * (rows.multi_label ? rows.classes : 1);
  return terms == 0 ? 0 : sum / static_cast<double>(terms);
}

double fit_temperature(const CalibrationRows& rows) {
  constexpr int kSteps = 24;
  const double low = std::log(kLowestTemperature);
  const double step = (std::log(kHighestTemperature) - low) / kSteps;
  const auto loss = [&](double log_t) { return negative_log_likelihood(rows, std::exp(log_t)); };
  // With several windows a text the loss need not have one valley only: the grid finds the deepest.
  int best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i <= kSteps; ++i) {
    const double value = loss(low + i * step);
    if (!(value < least)) continue;
    least = value;
    best = i;
  }
  if (best == 0) return kLowestTemperature;
  if (best == kSteps) return kHighestTemperature;
  return std::exp(golden_section(low + (best - 1) * step, low + (best + 1) * step, loss));
}

namespace {

// Between two neighbouring scores, with few digits where that is possible: people read it.
float threshold_between(float below, float above) {
  const float middle = below + (above - below) / 2;
  const float rounded = std::round(middle * 1e4F) / 1e4F;
  if (rounded > below && rounded <= above && rounded < 1) return rounded;
  return middle > below ? middle : above;
}

}  // namespace

std::vector<float> fit_thresholds(std::size_t classes, std::span<const float> scores,
                                  std::span<const std::uint8_t> labels) {
  std::vector<float> thresholds(classes, 0.5F);
  for (std::size_t c = 0; c < classes; ++c) {
    std::vector<std::pair<float, std::uint8_t>> column;
    std::size_t support = 0;
    for (std::size_t at = c; at < scores.size(); at += classes) {
      column.emplace_back(scores[at], labels[at]);
      support += labels[at];
    }
    if (support == 0) continue;
    std::sort(column.rbegin(), column.rend());
    double best = -1;
    std::size_t positives = 0;
    for (std::size_t i = 0; i < column.size(); ++i) {
      positives += column[i].second;
      const float below = i + 1 < column.size() ? column[i + 1].first : 0;
      const float above = std::min(column[i].first, std::nextafter(1.0F, 0.0F));
      if (above <= below) continue;  // equal scores are on one side together
      const float threshold =
          below < 0.5F && 0.5F <= above ? 0.5F : threshold_between(below, above);
      const double f1 = 2.0 * static_cast<double>(positives) / static_cast<double>(i + 1 + support);
      const bool nearer = std::abs(threshold - 0.5F) < std::abs(thresholds[c] - 0.5F);
      if (f1 < best || (f1 == best && !nearer)) continue;
      best = f1;
      thresholds[c] = threshold;
    }
  }
  return thresholds;
}

}  // namespace valence
