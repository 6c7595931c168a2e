#include "apps/cli/eval_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "eval/paired.h"

namespace valence::cli {
namespace {

struct Counted {
  const char* key;
  const char* name;
  Statistic statistic;
};

std::vector<Counted> single_label_figures(const SingleLabelRows& rows, bool probabilities) {
  std::vector<Counted> figures{
      {"accuracy", "accuracy", [&rows](Sample sample) { return accuracy(rows, sample); }},
      {"macro_f1", "macro F1",
       [&rows](Sample sample) { return macro_f1(confusion_matrix(rows, sample)); }},
      {"macro_recall", "macro recall",
       [&rows](Sample sample) { return macro_recall(confusion_matrix(rows, sample)); }}};
  if (!probabilities) return figures;
  figures.push_back({"ece", "ECE", [&rows](Sample sample) {
                       return reliability_of(rows, sample).expected_calibration_error();
                     }});
  figures.push_back(
      {"brier", "Brier score", [&rows](Sample sample) { return brier_score(rows, sample); }});
  return figures;
}

std::vector<Counted> multi_label_figures(const MultiLabelRows& rows) {
  return {
      {"exact_match", "exact match", [&rows](Sample sample) { return exact_match(rows, sample); }},
      {"micro_f1", "micro F1", [&rows](Sample sample) { return micro_f1(rows, sample); }},
      {"macro_f1", "macro F1", [&rows](Sample sample) { return macro_f1(rows, sample); }},
      {"ece", "ECE",
       [&rows](Sample sample) {
         return reliability_of(rows, sample).expected_calibration_error();
       }},
      {"brier", "Brier score", [&rows](Sample sample) { return brier_score(rows, sample); }}};
}

std::vector<Counted> regression_figures(const RegressionRows& rows) {
  return {{"mse", "MSE", [&rows](Sample sample) { return mean_squared_error(rows, sample); }},
          {"mae", "MAE", [&rows](Sample sample) { return mean_absolute_error(rows, sample); }},
          {"pearson", "Pearson r", [&rows](Sample sample) { return pearson(rows, sample); }},
          {"spearman", "Spearman rho", [&rows](Sample sample) { return spearman(rows, sample); }}};
}

// The first is the one that decides.
std::vector<Counted> figures_of(const EvaluatedRows& rows) {
  if (rows.task == Task::kMultiLabel) return multi_label_figures(rows.multi);
  if (rows.task == Task::kRegression) return regression_figures(rows.numbers);
  return single_label_figures(rows.single, rows.probabilities);
}

bool right(const EvaluatedRows& rows, std::size_t row) {
  return rows.task == Task::kMultiLabel ? rows.multi.right(row) : rows.single.right(row);
}

bool same_answer(const EvaluatedRows& a, const EvaluatedRows& b, std::size_t row) {
  if (a.task == Task::kSingleLabel) return a.single.predicted[row] == b.single.predicted[row];
  const auto begin = static_cast<std::ptrdiff_t>(row * a.multi.labels);
  const auto end = begin + static_cast<std::ptrdiff_t>(a.multi.labels);
  return std::equal(a.multi.predicted.begin() + begin, a.multi.predicted.begin() + end,
                    b.multi.predicted.begin() + begin);
}

// One plain sentence about the figure that decides.
std::string verdict_of(const ComparisonReport& comparison, Task task) {
  const Figure& change = comparison.differences.front();
  const bool error = task == Task::kRegression;  // smaller is better, and no share of rows
  if (change.interval.low <= 0 && change.interval.high >= 0)
    return "the difference in " + change.name + " is within noise";
  const double size = std::abs(change.value) * (error ? 1 : 100);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), error ? "%.4g" : "%.2f points", size);
  const bool worse = error == (change.value > 0);
  return comparison.second.path + " is " + (worse ? "worse" : "better") + " by " + text.data() +
         (error ? " of " : " in ") + change.name;
}

void count_pairs(const EvaluatedRows& first, ComparisonReport& comparison) {
  const EvaluatedRows& second = comparison.second.rows;
  comparison.labels = first.task != Task::kRegression;
  if (first.task == Task::kRegression) {
    const auto change = [&](std::size_t i) {
      return std::abs(first.numbers.predicted[i] - second.numbers.predicted[i]);
    };
    for (std::size_t i = 0; i < first.size(); ++i)
      comparison.largest_score_change = std::max(comparison.largest_score_change, change(i));
    return;
  }
  std::size_t same = 0;
  for (std::size_t row = 0; row < first.size(); ++row) {
    const bool a = right(first, row);
    const bool b = right(second, row);
    comparison.only_first_right += a && !b ? 1 : 0;
    comparison.only_second_right += b && !a ? 1 : 0;
    same += same_answer(first, second, row) ? 1 : 0;
  }
  comparison.agreement = static_cast<double>(same) / static_cast<double>(first.size());
  comparison.mcnemar_p = mcnemar_exact(comparison.only_first_right, comparison.only_second_right);
  const bool multi = first.task == Task::kMultiLabel;
  comparison.largest_score_change =
      largest_change(multi ? first.multi.scores : first.single.scores,
                     multi ? second.multi.scores : second.single.scores);
}

Figure figure_of(const Counted& counted, double value, std::vector<double> draws) {
  return {counted.key, counted.name, value, percentile_interval(std::move(draws))};
}

}  // namespace

ModelReport report_of(const std::string& path, EvaluatedRows rows, const ModelAnswers& answers) {
  ModelReport report;
  report.path = path;
  report.rows = std::move(rows);
  report.seconds = answers.seconds;
  if (answers.seconds > 0) {
    report.texts_per_second = static_cast<double>(answers.answers.size()) / answers.seconds;
    report.tokens_per_second = static_cast<double>(answers.tokens) / answers.seconds;
  }
  return report;
}

void count_figures(EvalReport& report) {
  ComparisonReport* comparison = report.comparison ? &*report.comparison : nullptr;
  const std::vector<Counted> ours = figures_of(report.first.rows);
  const std::vector<Counted> theirs =
      comparison == nullptr ? std::vector<Counted>{} : figures_of(comparison->second.rows);
  std::vector<Statistic> statistics;
  statistics.reserve(ours.size() + theirs.size());
  for (const Counted& figure : ours) statistics.push_back(figure.statistic);
  for (const Counted& figure : theirs) statistics.push_back(figure.statistic);
  const Draws draws = bootstrap(report.first.rows.size(), statistics);
  const std::vector<std::uint32_t> all = all_rows(report.first.rows.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const double value = ours[i].statistic(all);
    report.first.figures.push_back(figure_of(ours[i], value, draws[i]));
    if (comparison == nullptr) continue;
    const double other = theirs[i].statistic(all);
    const std::vector<double>& other_draws = draws[ours.size() + i];
    comparison->second.figures.push_back(figure_of(theirs[i], other, other_draws));
    std::vector<double> changes;
    changes.reserve(other_draws.size());
    for (std::size_t d = 0; d < other_draws.size(); ++d)
      changes.push_back(other_draws[d] - draws[i][d]);
    comparison->differences.push_back(figure_of(ours[i], other - value, std::move(changes)));
  }
  if (comparison == nullptr) return;
  count_pairs(report.first.rows, *comparison);
  comparison->verdict = verdict_of(*comparison, report.first.rows.task);
}

}  // namespace valence::cli
