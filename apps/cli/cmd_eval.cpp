// valence eval: how well a model does on labelled rows, alone or beside another.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "apps/cli/classify_settings.h"
#include "apps/cli/command.h"
#include "apps/cli/default_model.h"
#include "apps/cli/eval_errors.h"
#include "apps/cli/eval_report.h"
#include "base/atomic_file.h"
#include "eval/reliability_plot.h"

namespace valence::cli {
namespace {

namespace fs = std::filesystem;

struct EvalSettings : LabelledSettings {
  std::string compare;
  std::string compare_precision;  // empty: as the first
  std::vector<std::string> classes;
  std::string function;
  bool uncalibrated = false;
  bool json = false;
  bool force = false;
  std::string plot;
  std::string errors;
  std::optional<double> max_loss;
};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::kInvalidArgument, why);
}

void check_early(const EvalSettings& s) {
  check_labelled_settings(s);
  if (s.max_loss && s.compare.empty()) refuse("--max-loss needs --compare MODEL");
  if (!s.compare_precision.empty() && s.compare.empty())
    refuse("--compare-precision needs --compare MODEL");
  for (const std::string& path : {s.plot, s.errors})
    if (!path.empty() && fs::exists(path) && !s.force)
      refuse(path + " is there already; --force replaces it");
}

// What can be refused once the model is known.
void check_task(const EvalSettings& s, Task task) {
  if (task != Task::kSingleLabel && !s.classes.empty())
    refuse("--classes is for models that give each text one class");
  if (task == Task::kRegression && (!s.plot.empty() || !s.errors.empty() || s.max_loss))
    refuse("--plot, --errors and --max-loss are for labels; this model answers with numbers");
  if (task == Task::kMultiLabel && s.function == "none")
    refuse("--function-to-apply none leaves no scores to compare with thresholds");
  if (s.function == "none" && !s.plot.empty())
    refuse("--plot needs scores between 0 and 1; leave --function-to-apply none out");
}

ClassifyOptions options_of(const EvalSettings& s) {
  ClassifyOptions options = classify_options_of(s);
  options.calibrated = !s.uncalibrated;
  if (!s.function.empty()) options.function = score_functions().at(s.function);
  return options;
}

// One model's answers; they borrow the labels' names from the model.
struct Run {
  ClassView view;
  ModelAnswers answers;
};

std::string note_about_classes(const LabelledData& data, const std::vector<std::string>& classes) {
  std::vector<bool> seen(classes.size());
  for (const LabelledRow& row : data.rows)
    if (const auto id = find_label(classes, row.labels.front())) seen[*id] = true;
  const auto count = std::count(seen.begin(), seen.end(), true);
  if (count == static_cast<std::ptrdiff_t>(classes.size()) || count < 2) return {};
  std::string names;
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (seen[c]) names += (names.empty() ? "" : ",") + classes[c];
  return "the data have " + std::to_string(count) + " of the " + std::to_string(classes.size()) +
         " classes; --classes " + names + " evaluates the model on these alone";
}

void keep_classified(std::vector<std::size_t>& used, const LabelledData& data,
                     const ModelAnswers& answers, EvalReport& report) {
  std::erase_if(used, [&](std::size_t row) {
    const std::string& error = answers.answers[row].error;
    if (error.empty()) return false;
    if (report.failed++ == 0)
      report.first_failure = "line " + std::to_string(data.rows[row].line) + ": " + error;
    return true;
  });
}

// The last part of the model's path.
std::string short_name_of(const std::string& model) {
  if (model.empty()) return kBuiltIn;
  const fs::path path = fs::absolute(model).lexically_normal();
  return (path.has_filename() ? path.filename() : path.parent_path().filename()).string();
}

void write_plot(const EvalSettings& s, const EvaluatedRows& rows) {
  const std::vector<std::uint32_t> all = all_rows(rows.size());
  const Reliability reliability = rows.task == Task::kMultiLabel ? reliability_of(rows.multi, all)
                                                                 : reliability_of(rows.single, all);
  AtomicFile file(s.plot);
  file.write(reliability_svg(reliability, short_name_of(s.model)));
  file.commit();
}

int tell(const EvalSettings& s, const EvalReport& report) {
  if (s.json) {
    const std::string text = json_of(report).dump(2, ' ', false, Json::error_handler_t::replace);
    std::printf("%s\n", text.c_str());
  } else {
    std::fputs(text_of(report).c_str(), stdout);
  }
  if (!report.note.empty() && !s.quiet)
    std::fprintf(stderr, "valence: note: %s\n", report.note.c_str());
  if (!s.max_loss || -100 * report.comparison->differences.front().value <= *s.max_loss) return kOk;
  if (!s.quiet)
    std::fprintf(stderr, "valence: %s loses more than %g points\n", s.compare.c_str(), *s.max_loss);
  return kRowsFailed;
}

Run run_model(const Classifier& classifier, const EvalSettings& s, const LabelledData& data,
              const std::vector<std::string>& classes) {
  ClassView view = view_of(classifier.info(), classes);
  const bool scores_of_softmax = s.function.empty() || s.function == "softmax";
  view.renormalise = view.renormalise && scores_of_softmax;
  return {std::move(view), classify_rows(classifier, data.rows, options_of(s), !s.quiet)};
}

Classifier load_other(const EvalSettings& s, const ModelInfo& first) {
  EngineSettings engine = s.engine;
  if (!s.compare_precision.empty()) engine.precision = s.compare_precision;
  Classifier other = Classifier::load(s.compare, load_options_of(engine));
  const ModelInfo& info = other.info();
  if (task_of(info) != task_of(first))
    refuse(first.path + " and " + info.path + " do not answer the same kind of question");
  if (s.classes.empty() && info.labels.size() != first.labels.size())
    refuse(first.path + " has " + std::to_string(first.labels.size()) + " classes, " + info.path +
           " has " + std::to_string(info.labels.size()) +
           "; name those to compare on with --classes");
  return other;
}

// Reads the data and takes out the rows of classes that are not evaluated.
EvalReport read_rows(const EvalSettings& s, const ModelInfo& info, Task task) {
  EvalReport report;
  report.classes = view_of(info, s.classes.empty() ? info.labels : s.classes).classes;
  report.data = read_labelled_data(s, task);
  if (task != Task::kRegression) check_label_names(report.data, info.labels);
  if (task != Task::kSingleLabel) return report;
  report.note = note_about_classes(report.data, report.classes);
  report.left_out = std::erase_if(report.data.rows, [&](const LabelledRow& row) {
    return !find_label(report.classes, row.labels.front());
  });
  return report;
}

int evaluate(EvalSettings& s) {
  check_early(s);
  const Classifier classifier = load_classifier(s.model, load_options_of(s.engine));
  const ModelInfo& info = classifier.info();
  const Task task = task_of(info);
  check_task(s, task);
  std::optional<Classifier> other;
  if (!s.compare.empty()) other = load_other(s, info);

  EvalReport report = read_rows(s, info, task);
  const Run first = run_model(classifier, s, report.data, report.classes);
  std::optional<Run> second;
  if (other) second = run_model(*other, s, report.data, report.classes);
  std::vector<std::size_t> used(report.data.rows.size());
  std::iota(used.begin(), used.end(), std::size_t{0});
  keep_classified(used, report.data, first.answers, report);
  if (second) keep_classified(used, report.data, second->answers, report);
  if (used.empty())
    refuse(report.data.files + ": there is no row to evaluate on" +
           (report.failed > 0 ? "; the first failure: " + report.first_failure : ""));

  const auto rows_of = [&](const Run& run) {
    EvaluatedRows evaluated = evaluate_rows(task, run.view, report.data, used, run.answers);
    evaluated.probabilities = s.function != "none";
    return evaluated;
  };
  report.first = report_of(info.path, rows_of(first), first.answers);
  if (second) {
    report.comparison.emplace();
    report.comparison->second = report_of(other->info().path, rows_of(*second), second->answers);
  }
  count_figures(report);
  if (!s.plot.empty()) write_plot(s, report.first.rows);
  if (!s.errors.empty())
    write_errors(s.errors, report.data, used, report.first.rows, report.classes);
  return tell(s, report);
}

}  // namespace

Action define_eval(CLI::App& app) {
  const auto settings = std::make_shared<EvalSettings>();
  EvalSettings& s = *settings;
  declare_labelled_options(app, s);
  app.add_option("--classes", s.classes,
                 "these classes alone, their scores renormalised; rows of others are left out")
      ->delimiter(',')
      ->type_name("NAME,...");
  app.add_option("--compare", s.compare, "another model, over the same rows")->type_name("PATH");
  app.add_option("--compare-precision", s.compare_precision, "its --precision [as --precision]")
      ->check(precision_names());
  app.add_option("--max-loss", s.max_loss,
                 "exit with 1 where the other model's accuracy is lower by more percentage points")
      ->check(CLI::Range(0.0, 100.0))
      ->type_name("POINTS");
  app.add_option("--function-to-apply", s.function, "logits to scores [as the model says]")
      ->check(CLI::IsMember(&score_functions()));
  app.add_flag("--uncalibrated", s.uncalibrated,
               "leave out the temperature and thresholds that valence calibrate found");
  app.add_flag("--json", s.json, "print JSON");
  app.add_option("--plot", s.plot, "write the model's reliability diagram as SVG")
      ->type_name("FILE");
  app.add_option("--errors", s.errors,
                 "write the rows that the model got wrong as CSV, worst first")
      ->type_name("FILE");
  app.add_flag("--force", s.force, "replace the files of --plot and --errors");
  return [settings] { return evaluate(*settings); };
}

}  // namespace valence::cli
