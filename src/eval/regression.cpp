#include "eval/regression.h"

#include <algorithm>
#include <cmath>

namespace valence {
namespace {

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

std::vector<double> drawn(const std::vector<double>& values, Sample sample) {
  std::vector<double> result;
  result.reserve(sample.size());
  for (const std::uint32_t row : sample) result.push_back(values[row]);
  return result;
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double mean_x = mean(x);
  const double mean_y = mean(y);
  double xy = 0;
  double xx = 0;
  double yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  if (xx == 0 || yy == 0) return std::nan("");
  return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
}

std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::uint32_t> order = all_rows(values.size());
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i)
      ranks[order[i]] = static_cast<double>(begin + end - 1) / 2;
    begin = end;
  }
  return ranks;
}

}  // namespace

double mean_squared_error(const RegressionRows& rows, Sample sample) {
  double sum = 0;
  for (const std::uint32_t row : sample)
    sum += (rows.predicted[row] - rows.gold[row]) * (rows.predicted[row] - rows.gold[row]);
  return sample.empty() ? 0 : sum / static_cast<double>(sample.size());
}

double mean_absolute_error(const RegressionRows& rows, Sample sample) {
  double sum = 0;
  for (const std::uint32_t row : sample) sum += std::abs(rows.predicted[row] - rows.gold[row]);
  return sample.empty() ? 0 : sum / static_cast<double>(sample.size());
}

double pearson(const RegressionRows& rows, Sample sample) {
  return correlation(drawn(rows.gold, sample), drawn(rows.predicted, sample));
}

double spearman(const RegressionRows& rows, Sample sample) {
  return correlation(ranks_of(drawn(rows.gold, sample)), ranks_of(drawn(rows.predicted, sample)));
}

}  // namespace valence
