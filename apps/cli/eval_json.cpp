// The report of `valence eval` as JSON.
#include <utility>

#include "apps/cli/eval_report.h"

namespace valence::cli {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson json_of(const std::vector<Figure>& figures) {
  OrderedJson json = OrderedJson::object();
  for (const Figure& figure : figures)
    json[figure.key] = {
        {"value", figure.value}, {"low", figure.interval.low}, {"high", figure.interval.high}};
  return json;
}

OrderedJson json_of(const std::vector<ClassReport>& reports,
                    const std::vector<std::string>& classes) {
  OrderedJson json = OrderedJson::object();
  for (std::size_t c = 0; c < reports.size(); ++c)
    json[classes[c]] = {{"precision", reports[c].precision},
                        {"recall", reports[c].recall},
                        {"f1", reports[c].f1},
                        {"support", reports[c].support}};
  return json;
}

OrderedJson json_of(const Reliability& reliability) {
  OrderedJson bins = OrderedJson::array();
  for (std::size_t i = 0; i < kReliabilityBins; ++i) {
    const Reliability::Bin& bin = reliability.bins()[i];
    OrderedJson entry{{"low", static_cast<double>(i) / kReliabilityBins},
                      {"high", static_cast<double>(i + 1) / kReliabilityBins},
                      {"count", bin.count},
                      {"confidence", nullptr},
                      {"accuracy", nullptr}};
    if (bin.count > 0) {
      entry["confidence"] = bin.confidence();
      entry["accuracy"] = bin.accuracy();
    }
    bins.push_back(std::move(entry));
  }
  return bins;
}

void add_single_label(const EvaluatedRows& rows, const std::vector<std::string>& classes,
                      OrderedJson& json) {
  const std::vector<std::uint32_t> all = all_rows(rows.size());
  const ConfusionMatrix confusion = confusion_matrix(rows.single, all);
  json["classes"] = json_of(class_reports(confusion), classes);
  json["confusion"] = confusion;
  if (!rows.probabilities) return;
  json["coverage"] = OrderedJson::array();
  for (const Coverage& entry : coverage_at_thresholds(rows.single))
    json["coverage"].push_back(
        {{"score", entry.threshold},
         {"coverage", entry.coverage},
         {"accuracy", entry.rows == 0 ? OrderedJson() : OrderedJson(entry.accuracy)},
         {"rows", entry.rows}});
  json["reliability"] = json_of(reliability_of(rows.single, all));
}

OrderedJson json_of(const ModelReport& model, const std::vector<std::string>& classes) {
  OrderedJson json{{"model", model.path}, {"figures", json_of(model.figures)}};
  const EvaluatedRows& rows = model.rows;
  if (rows.task == Task::kSingleLabel) add_single_label(rows, classes, json);
  if (rows.task == Task::kMultiLabel) {
    const std::vector<std::uint32_t> all = all_rows(rows.size());
    json["classes"] = json_of(label_reports(rows.multi, all), classes);
    json["reliability"] = json_of(reliability_of(rows.multi, all));
  }
  json["speed"] = {{"seconds", model.seconds},
                   {"texts_per_second", model.texts_per_second},
                   {"tokens_per_second", model.tokens_per_second}};
  return json;
}

const char* name_of(Task task) {
  if (task == Task::kSingleLabel) return "single-label classification";
  return task == Task::kMultiLabel ? "multi-label classification" : "regression";
}

}  // namespace

nlohmann::ordered_json json_of(const EvalReport& report) {
  OrderedJson json = json_of(report.first, report.classes);
  json["task"] = name_of(report.first.rows.task);
  json["data"] = {{"files", report.data.files},       {"rows", report.first.rows.size()},
                  {"unusable", report.data.unusable}, {"first_problem", report.data.first_problem},
                  {"dropped", report.data.dropped},   {"left_out", report.left_out},
                  {"failed", report.failed}};
  if (!report.comparison) return json;
  const ComparisonReport& pair = *report.comparison;
  json["comparison"] = json_of(pair.second, report.classes);
  OrderedJson& comparison = json["comparison"];
  comparison["differences"] = json_of(pair.differences);
  if (pair.labels) {
    comparison["mcnemar"] = {{"only_first_right", pair.only_first_right},
                             {"only_second_right", pair.only_second_right},
                             {"p", pair.mcnemar_p}};
    comparison["agreement"] = pair.agreement;
  }
  comparison["largest_score_change"] = pair.largest_score_change;
  comparison["verdict"] = pair.verdict;
  return json;
}

}  // namespace valence::cli
