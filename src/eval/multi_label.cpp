#include "eval/multi_label.h"

#include <algorithm>

namespace valence {
namespace {

struct Counts {
  std::size_t true_positives = 0, predicted = 0, support = 0;
};

std::vector<Counts> counts_of(const MultiLabelRows& rows, Sample sample) {
  std::vector<Counts> counts(rows.labels);
  for (const std::uint32_t row : sample)
    for (std::size_t label = 0; label < rows.labels; ++label) {
      const std::size_t at = row * rows.labels + label;
      counts[label].support += rows.gold[at];
      counts[label].predicted += rows.predicted[at];
      counts[label].true_positives += rows.gold[at] & rows.predicted[at];
    }
  return counts;
}

double share(double sum, std::size_t count) {
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace

bool MultiLabelRows::right(std::size_t row) const {
  const std::size_t begin = row * labels;
  return std::equal(gold.begin() + static_cast<std::ptrdiff_t>(begin),
                    gold.begin() + static_cast<std::ptrdiff_t>(begin + labels),
                    predicted.begin() + static_cast<std::ptrdiff_t>(begin));
}

double exact_match(const MultiLabelRows& rows, Sample sample) {
  std::size_t right = 0;
  for (const std::uint32_t row : sample) right += rows.right(row) ? 1 : 0;
  return share(static_cast<double>(right), sample.size());
}

std::vector<ClassReport> label_reports(const MultiLabelRows& rows, Sample sample) {
  std::vector<ClassReport> reports;
  for (const Counts& label : counts_of(rows, sample))
    reports.push_back(class_report(label.true_positives, label.predicted, label.support));
  return reports;
}

double micro_f1(const MultiLabelRows& rows, Sample sample) {
  Counts all;
  for (const Counts& label : counts_of(rows, sample)) {
    all.true_positives += label.true_positives;
    all.predicted += label.predicted;
    all.support += label.support;
  }
  return class_report(all.true_positives, all.predicted, all.support).f1;
}

double macro_f1(const MultiLabelRows& rows, Sample sample) {
  double sum = 0;
  for (const ClassReport& report : label_reports(rows, sample)) sum += report.f1;
  return share(sum, rows.labels);
}

Reliability reliability_of(const MultiLabelRows& rows, Sample sample) {
  Reliability reliability;
  for (const std::uint32_t row : sample)
    for (std::size_t at = row * rows.labels; at < (row + 1) * rows.labels; ++at)
      reliability.add(rows.scores[at], rows.gold[at] != 0);
  return reliability;
}

double brier_score(const MultiLabelRows& rows, Sample sample) {
  double sum = 0;
  for (const std::uint32_t row : sample)
    for (std::size_t at = row * rows.labels; at < (row + 1) * rows.labels; ++at) {
      const double difference = rows.scores[at] - static_cast<double>(rows.gold[at]);
      sum += difference * difference;
    }
  return share(sum, sample.size() * rows.labels);
}

}  // namespace valence
