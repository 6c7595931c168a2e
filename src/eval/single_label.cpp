#include "eval/single_label.h"

#include <algorithm>

namespace valence {
namespace {

double share(double sum, std::size_t count) {
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

double macro(const ConfusionMatrix& confusion, double ClassReport::*figure) {
  double sum = 0;
  std::size_t classes = 0;
  for (const ClassReport& report : class_reports(confusion)) {
    if (report.support + report.predicted == 0) continue;
    sum += report.*figure;
    ++classes;
  }
  return share(sum, classes);
}

}  // namespace

void SingleLabelRows::add(std::uint32_t gold_class, std::span<const float> row_scores) {
  gold.push_back(gold_class);
  const auto best = std::max_element(row_scores.begin(), row_scores.end());
  predicted.push_back(static_cast<std::uint32_t>(best - row_scores.begin()));
  scores.insert(scores.end(), row_scores.begin(), row_scores.end());
}

double accuracy(const SingleLabelRows& rows, Sample sample) {
  std::size_t right = 0;
  for (const std::uint32_t row : sample) right += rows.right(row) ? 1 : 0;
  return share(static_cast<double>(right), sample.size());
}

double brier_score(const SingleLabelRows& rows, Sample sample) {
  double sum = 0;
  for (const std::uint32_t row : sample) {
    const auto scores = rows.scores_of(row);
    for (std::size_t c = 0; c < rows.classes; ++c) {
      const double difference = scores[c] - (rows.gold[row] == c ? 1.0 : 0.0);
      sum += difference * difference;
    }
  }
  return share(sum, sample.size());
}

Reliability reliability_of(const SingleLabelRows& rows, Sample sample) {
  Reliability reliability;
  for (const std::uint32_t row : sample) reliability.add(rows.top_score(row), rows.right(row));
  return reliability;
}

ConfusionMatrix confusion_matrix(const SingleLabelRows& rows, Sample sample) {
  ConfusionMatrix confusion(rows.classes, std::vector<std::size_t>(rows.classes));
  for (const std::uint32_t row : sample) ++confusion[rows.gold[row]][rows.predicted[row]];
  return confusion;
}

std::vector<ClassReport> class_reports(const ConfusionMatrix& confusion) {
  std::vector<ClassReport> reports;
  for (std::size_t c = 0; c < confusion.size(); ++c) {
    std::size_t support = 0;
    std::size_t predicted = 0;
    for (std::size_t other = 0; other < confusion.size(); ++other) {
      support += confusion[c][other];
      predicted += confusion[other][c];
    }
    reports.push_back(class_report(confusion[c][c], predicted, support));
  }
  return reports;
}

double macro_f1(const ConfusionMatrix& confusion) {
  return macro(confusion, &ClassReport::f1);
}

double macro_recall(const ConfusionMatrix& confusion) {
  return macro(confusion, &ClassReport::recall);
}

std::vector<Coverage> coverage_at_thresholds(const SingleLabelRows& rows) {
  std::vector<Coverage> all;
  for (int percent = 50; percent <= 95; percent += 5) {
    Coverage entry;
    entry.threshold = percent / 100.0;
    std::size_t right = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      // Scores are floats: compared with a double, a score of 0.6F would miss 0.6.
      if (rows.top_score(row) < static_cast<float>(entry.threshold)) continue;
      ++entry.rows;
      right += rows.right(row) ? 1 : 0;
    }
    entry.coverage = share(static_cast<double>(entry.rows), rows.size());
    entry.accuracy = share(static_cast<double>(right), entry.rows);
    all.push_back(entry);
  }
  return all;
}

}  // namespace valence
