// The report of `valence eval` for people.
#include "apps/cli/eval_report.h"
#include "apps/cli/tally.h"
#include "apps/cli/text_table.h"

namespace valence::cli {
namespace {

std::string bracketed(const Interval& interval) {
  return "[" + fixed(interval.low, 4) + ", " + fixed(interval.high, 4) + "]";
}

std::string head_of(const EvalReport& report) {
  std::string text = "model  " + report.first.path + "\n";
  if (report.comparison) text += "other  " + report.comparison->second.path + "\n";
  text += "data   " + report.data.files + ": " + grouped(report.first.rows.size()) + " rows\n";
  text += told_rows(report.data);
  if (report.left_out > 0) text += grouped(report.left_out) + " rows of other classes left out\n";
  if (report.failed > 0)
    text += grouped(report.failed) +
            " rows that could not be classified left out; the first: " + report.first_failure +
            "\n";
  return text + "\n";
}

std::string figures_text(const EvalReport& report) {
  TextTable table;
  const auto& figures = report.first.figures;
  if (!report.comparison) {
    table.add({"", "", "95 % interval"});
    for (const Figure& figure : figures)
      table.add({figure.name, fixed(figure.value, 4), bracketed(figure.interval)});
    return table.text() + "\n";
  }
  const ComparisonReport& pair = *report.comparison;
  table.add(
      {"", "model", "95 % interval", "other", "95 % interval", "difference", "95 % interval"});
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const Figure& other = pair.second.figures[i];
    const Figure& change = pair.differences[i];
    table.add({figures[i].name, fixed(figures[i].value, 4), bracketed(figures[i].interval),
               fixed(other.value, 4), bracketed(other.interval),
               (change.value > 0 ? "+" : "") + fixed(change.value, 4), bracketed(change.interval)});
  }
  return table.text() + "\n";
}

std::string classes_text(const std::vector<ClassReport>& reports,
                         const std::vector<std::string>& names) {
  TextTable table;
  table.add({"class", "precision", "recall", "F1", "support"});
  for (std::size_t c = 0; c < reports.size(); ++c)
    table.add({names[c], fixed(reports[c].precision, 4), fixed(reports[c].recall, 4),
               fixed(reports[c].f1, 4), grouped(reports[c].support)});
  return table.text() + "\n";
}

std::string confusion_text(const ConfusionMatrix& confusion,
                           const std::vector<std::string>& names) {
  TextTable table;
  std::vector<std::string> head{"gold \\ predicted"};
  head.insert(head.end(), names.begin(), names.end());
  table.add(std::move(head));
  for (std::size_t c = 0; c < confusion.size(); ++c) {
    std::vector<std::string> row{names[c]};
    for (const std::size_t count : confusion[c]) row.push_back(grouped(count));
    table.add(std::move(row));
  }
  return table.text() + "\n";
}

std::string coverage_text(const SingleLabelRows& rows) {
  TextTable table;
  table.add({"score at least", "coverage", "accuracy"});
  for (const Coverage& entry : coverage_at_thresholds(rows))
    table.add({fixed(entry.threshold, 2), fixed(entry.coverage, 4),
               entry.rows == 0 ? "-" : fixed(entry.accuracy, 4)});
  return table.text() + "\n";
}

std::string model_text(const ModelReport& model, const std::vector<std::string>& classes) {
  const EvaluatedRows& rows = model.rows;
  const std::vector<std::uint32_t> all = all_rows(rows.size());
  if (rows.task == Task::kMultiLabel) return classes_text(label_reports(rows.multi, all), classes);
  if (rows.task == Task::kRegression) return {};
  const ConfusionMatrix confusion = confusion_matrix(rows.single, all);
  std::string text = classes_text(class_reports(confusion), classes);
  text += confusion_text(confusion, classes);
  if (rows.probabilities) text += coverage_text(rows.single);
  return text;
}

std::string speed_text(const ModelReport& model) {
  return fixed(model.texts_per_second, 1) + " texts/s, " +
         grouped(static_cast<std::uint64_t>(model.tokens_per_second)) + " tokens/s, " +
         fixed(model.seconds, 1) + " s\n";
}

std::string comparison_text(const ComparisonReport& pair) {
  std::string text;
  if (pair.labels)
    text = "only model right " + grouped(pair.only_first_right) + ", only other right " +
           grouped(pair.only_second_right) +
           ", McNemar's exact test p = " + fixed(pair.mcnemar_p, 4) + "\nsame answer for " +
           fixed(100 * pair.agreement, 2) + " % of rows, ";
  return text + "largest change of a score " + fixed(pair.largest_score_change, 4) + "\n" +
         pair.verdict + "\n";
}

}  // namespace

std::string text_of(const EvalReport& report) {
  std::string text = head_of(report) + figures_text(report);
  if (!report.comparison)
    return text + model_text(report.first, report.classes) + speed_text(report.first);
  const ModelReport& second = report.comparison->second;
  const std::string ours = model_text(report.first, report.classes);
  const std::string theirs = model_text(second, report.classes);
  if (!ours.empty()) text += "model " + report.first.path + "\n\n" + ours;
  if (!theirs.empty()) text += "other " + second.path + "\n\n" + theirs;
  text += "model  " + speed_text(report.first) + "other  " + speed_text(second) + "\n";
  return text + comparison_text(*report.comparison);
}

}  // namespace valence::cli
