// valence calibrate: temperature and thresholds of a model, fitted on labelled rows.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "apps/cli/command.h"
#include "apps/cli/default_model.h"
#include "apps/cli/labelled_data.h"
#include "apps/cli/progress_bar.h"
#include "apps/cli/tally.h"
#include "apps/cli/terminal.h"
#include "apps/cli/text_table.h"
#include "engine/window_logits.h"
#include "eval/calibration.h"
#include "eval/multi_label.h"
#include "eval/single_label.h"
#include "format/calibration_writer.h"

namespace valence::cli {
namespace {

constexpr std::size_t kChunkRows = 256;
constexpr std::size_t kFewRows = 200;  // fewer give a temperature that another draw would change

struct CalibrateSettings : LabelledSettings {
  std::string output;
};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::kInvalidArgument, why);
}

void tell(const CalibrateSettings& s, const std::string& text) {
  if (!s.quiet) std::fprintf(stderr, "valence: note: %s\n", text.c_str());
}

void add_row(const LabelledRow& row, const std::vector<std::string>& names, CalibrationRows& rows) {
  if (!rows.multi_label) {
    rows.gold.push_back(*find_label(names, row.labels.front()));
    return;
  }
  const std::size_t begin = rows.labels.size();
  rows.labels.resize(begin + rows.classes);
  for (const std::string& label : row.labels) rows.labels[begin + *find_label(names, label)] = 1;
}

CalibrationRows run_model(const Classifier& classifier, const LabelledData& data,
                          const CalibrateSettings& s) {
  const std::vector<std::string>& names = classifier.info().labels;
  CalibrationRows rows;
  rows.classes = names.size();
  rows.multi_label = task_of(classifier.info()) == Task::kMultiLabel;
  ProgressBar bar(!s.quiet && is_terminal(stderr));
  std::vector<std::string_view> texts;
  std::size_t failed = 0;
  for (std::size_t first = 0; first < data.rows.size(); first += kChunkRows) {
    const std::size_t end = std::min(data.rows.size(), first + kChunkRows);
    texts.clear();
    for (std::size_t i = first; i < end; ++i) texts.push_back(data.rows[i].text);
    std::vector<WindowLogits> logits = window_logits(classifier, texts, classify_options_of(s));
    for (std::size_t i = first; i < end; ++i) {
      if (!logits[i - first].error.empty()) {
        ++failed;
        continue;
      }
      add_row(data.rows[i], names, rows);
      rows.texts.push_back(std::move(logits[i - first]));
    }
    bar.show(end, end, data.rows.size());
  }
  bar.clear();
  if (rows.texts.empty()) refuse(data.files + ": no row could be classified");
  if (failed > 0) tell(s, grouped(failed) + " rows could not be classified and are left out");
  return rows;
}

double ece_of(const CalibrationRows& rows, const std::vector<float>& scores) {
  const std::vector<std::uint32_t> all = all_rows(rows.texts.size());
  if (rows.multi_label)
    return reliability_of(MultiLabelRows{rows.classes, rows.labels, {}, scores}, all)
        .expected_calibration_error();
  SingleLabelRows single;
  single.classes = rows.classes;
  for (std::size_t row = 0; row < rows.texts.size(); ++row)
    single.add(rows.gold[row], std::span(scores).subspan(row * rows.classes, rows.classes));
  return reliability_of(single, all).expected_calibration_error();
}

// A few digits are enough, and a person reads the file.
double rounded(double temperature) {
  return std::strtod(fixed(temperature, 4).c_str(), nullptr);
}

void check_classes(const CalibrateSettings& s, const CalibrationRows& rows, const ModelInfo& info) {
  if (rows.texts.size() < kFewRows)
    tell(s, "only " + std::to_string(rows.texts.size()) +
                " rows; a few hundred or more make a calibration that holds for other texts");
  for (std::uint32_t c = 0; c < rows.classes; ++c) {
    bool there = !rows.multi_label && std::count(rows.gold.begin(), rows.gold.end(), c) > 0;
    for (std::size_t at = c; rows.multi_label && !there && at < rows.labels.size();
         at += rows.classes)
      there = rows.labels[at] != 0;
    if (!there) tell(s, "no row has the label " + info.labels[c]);
  }
}

double checked_temperature(const CalibrationRows& rows, const LabelledData& data) {
  const double temperature = fit_temperature(rows);
  if (temperature <= kLowestTemperature)
    refuse(data.files +
           ": every answer is right, so the rows cannot tell how sure the model may "
           "be; take more rows, which the model was not trained on");
  if (temperature >= kHighestTemperature)
    refuse(data.files +
           ": the model's answers are no better than chance on these rows; see valence eval, and "
           "whether --label-map fits");
  return rounded(temperature);
}

int calibrate(CalibrateSettings& s) {
  check_labelled_settings(s);
  need_named_model(s.model);
  if (!s.output.empty()) check_calibrated_copy(s.model, s.output);
  const Classifier classifier = load_classifier(s.model, load_options_of(s.engine));
  const ModelInfo& info = classifier.info();
  const Task task = task_of(info);
  if (task == Task::kRegression)
    refuse(info.path + " answers with numbers, which cannot be calibrated; only scores can");
  const LabelledData data = read_labelled_data(s, task);
  check_label_names(data, info.labels);
  const CalibrationRows rows = run_model(classifier, data, s);
  check_classes(s, rows, info);
  const double temperature = checked_temperature(rows, data);
  const std::vector<float> scores = scores_at(rows, temperature);
  std::vector<float> thresholds;
  if (rows.multi_label) thresholds = fit_thresholds(rows.classes, scores, rows.labels);

  TextTable table;
  table.add({"", "temperature", "NLL", "ECE"});
  const auto add = [&](const char* when, double at) {
    table.add({when, fixed(at, 4), fixed(negative_log_likelihood(rows, at), 4),
               fixed(ece_of(rows, scores_at(rows, at)), 4)});
  };
  add("before", info.temperature);
  add("after", temperature);
  write_calibration(s.model, s.output, {temperature, thresholds});
  std::printf("%s: %s rows\n%s", data.files.c_str(), grouped(rows.texts.size()).c_str(),
              table.text().c_str());
  for (std::size_t c = 0; c < thresholds.size(); ++c)
    std::printf("threshold %s %g\n", info.labels[c].c_str(), static_cast<double>(thresholds[c]));
  if (!s.quiet) std::fputs(told_rows(data).c_str(), stdout);
  std::printf("wrote %s\n", s.output.empty() ? s.model.c_str() : s.output.c_str());
  return kOk;
}

}  // namespace

Action define_calibrate(CLI::App& app) {
  const auto settings = std::make_shared<CalibrateSettings>();
  declare_labelled_options(app, *settings);
  app.add_option("-o,--output", settings->output,
                 "write a calibrated copy instead of changing the model in place")
      ->type_name("PATH");
  app.footer("Take rows that the model was not trained on, of the kind that it will label.");
  return [settings] { return calibrate(*settings); };
}

}  // namespace valence::cli
