#include "train/prepare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/processors.h"
#include "data/ledger.h"
#include "train/teacher.h"
#include "valence/error.h"

namespace valence::train {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::kInvalidArgument, why);
}

void check(bool good, const std::string& what) {
  if (!good) refuse(what);
}

void check_options(const TrainOptions& o) {
  check(!o.data.empty(), "no training rows; name a file with --data");
  check(o.epochs > 0 && o.epochs <= 10'000, "--epochs is a number above 0, at most 10000");
  check(o.max_steps >= 0, "--max-steps is at least 1");
  check(o.max_tokens >= 8, "--max-tokens is at least 8");
  check(o.batch_tokens >= 8, "--batch-tokens is at least 8");
  check(o.learning_rate > 0 && o.learning_rate < 1, "--learning-rate is between 0 and 1");
  check(o.warmup >= 0 && o.warmup < 1, "--warmup is a share of all steps, below 1");
  check(o.weight_decay >= 0 && std::isfinite(o.weight_decay), "--weight-decay is at least 0");
  check(o.clip >= 0 && std::isfinite(o.clip), "--clip is at least 0");
  check(!o.dropout || (*o.dropout >= 0 && *o.dropout < 1), "--dropout is at least 0, below 1");
  check(o.label_smoothing >= 0 && o.label_smoothing < 1,
        "--label-smoothing is at least 0, below 1");
  check(o.label_smoothing == 0 || o.task == Task::kSingleLabel,
        "--label-smoothing is for single labels");
  check(!o.partial || o.task == Task::kSingleLabel, "--partial is for single labels");
  check(o.class_weights.empty() || o.task != Task::kRegression,
        "--class-weights is not for regression");
  check(!o.balanced || o.task == Task::kSingleLabel,
        "--class-weights balanced is for single labels");
  check(o.valid_split >= 0 && o.valid_split < 1, "--valid-split is at least 0, below 1");
  check(o.valid.empty() || o.valid_split == 0, "--valid and --valid-split do not go together");
  check(o.temperature > 0 && std::isfinite(o.temperature), "--temperature is above 0");
  check(o.teacher_share >= 0 && o.teacher_share <= 1, "--teacher-share is between 0 and 1");
  check(o.patience == 0 || !o.valid.empty() || o.valid_split > 0,
        "--patience needs validation rows: --valid or --valid-split");
  for (const DataFile& file : o.data)
    check(file.weight > 0 && file.weight <= 1000, "--weight is above 0, at most 1000");
}

void tell_rows(const RawRows& rows, const Say& say) {
  for (const RawRows::File& file : rows.files) {
    std::string line =
        file.source.path.string() + ": " + std::to_string(file.found.rows.size()) + " rows";
    if (file.found.dropped > 0)
      line += ", " + std::to_string(file.found.dropped) + " dropped by the label map";
    if (file.found.unusable > 0)
      line += ", " + std::to_string(file.found.unusable) +
              " that cannot be used, the first: " + file.found.first_problem;
    say(line);
  }
}

std::vector<double> class_weights_of(const TrainOptions& options,
                                     const std::vector<std::string>& labels,
                                     const std::vector<Example>& examples) {
  std::vector<double> weights;
  if (options.balanced) {
    std::vector<double> counts(labels.size(), 0);
    for (const Example& example : examples) ++counts[static_cast<std::size_t>(example.label)];
    for (const double count : counts)
      weights.push_back(static_cast<double>(examples.size()) /
                        (static_cast<double>(labels.size()) * std::max(1.0, count)));
  } else if (!options.class_weights.empty()) {
    weights.assign(labels.size(), 1);
    for (const auto& given : options.class_weights) {
      const std::string& name = given.first;
      const double weight = given.second;
      const auto found = std::find_if(labels.begin(), labels.end(), [&](const std::string& label) {
        return same_labels({label}, {name});
      });
      if (found == labels.end()) refuse("--class-weights: there is no class \"" + name + "\"");
      check(weight > 0 && std::isfinite(weight), "--class-weights: weights are above 0");
      weights[static_cast<std::size_t>(found - labels.begin())] = weight;
    }
  }
  return weights;
}

const char* problem_type_of(Task task) {
  switch (task) {
    case Task::kSingleLabel:
      return "single_label_classification";
    case Task::kMultiLabel:
      return "multi_label_classification";
    case Task::kRegression:
      break;
  }
  return "regression";
}

Json identity_of_file(const DataFile& file) {
  Json map = Json::object();
  for (const auto& [given, label] : file.read.label_map) map[given] = label;
  return {file_identity(file.path),
          file.read.text_column.value_or(""),
          file.read.label_column,
          std::move(map),
          file.read.format,
          file.read.delimiter,
          file.weight};
}

Json identity_of_files(const std::vector<DataFile>& files) {
  Json list = Json::array();
  for (const DataFile& file : files) list.push_back(identity_of_file(file));
  return list;
}

void read_examples(const TrainOptions& options, const RawRows& rows, Prepared& prepared,
                   const Say& say) {
  const std::size_t threads = options.threads == 0 ? available_processors() : options.threads;
  const Weights weights = find_weights(*prepared.base.architecture, prepared.base.file);
  const std::int64_t vocabulary = weights.get("token_embd.weight", {-1, -1}).shape[0];
  prepared.training =
      make_examples(rows, options.task, prepared.labels, prepared.tokenizer, vocabulary, threads);
  if (!options.teacher.empty()) {
    say("asking the teacher " + options.teacher.string());
    ask_teacher(options.teacher, rows, prepared.labels, threads, prepared.training);
  }
  if (!options.valid.empty()) {
    const RawRows held = read_rows(options.valid, options.task);
    tell_rows(held, say);
    choose_labels(held, options.task, prepared.labels, {});
    prepared.valid =
        make_examples(held, options.task, prepared.labels, prepared.tokenizer, vocabulary, threads);
  } else if (options.valid_split > 0) {
    prepared.valid = split_off(prepared.training, options.valid_split, options.seed);
    if (prepared.valid.empty()) refuse("--valid-split holds back no row; make it larger");
  }
}

}  // namespace

Prepared prepare(const TrainOptions& options, const Say& say) {
  check_options(options);
  BaseModel base = open_base_model(options.base);
  const RawRows rows = read_rows(options.data, options.task);
  tell_rows(rows, say);
  const std::vector<std::string> known = labels_of_config(base.file.config);
  const bool named = !known.empty() && known.front() != "LABEL_0";
  std::vector<std::string> labels =
      choose_labels(rows, options.task, options.labels, named ? known : std::vector<std::string>());
  Tokenizer tokenizer(base.file.tokenizer);
  Prepared prepared{
      std::move(base), std::move(tokenizer), std::move(labels), false, {}, {}, {}, {}, {}};
  prepared.fresh_head = !same_labels(known, prepared.labels);
  set_labels(prepared.base.file.config, prepared.labels, problem_type_of(options.task));
  read_examples(options, rows, prepared, say);
  for (const DataFile& file : options.data) prepared.weights.push_back(file.weight);
  prepared.class_weights = class_weights_of(options, prepared.labels, prepared.training);
  if (options.partial)
    prepared.present =
        classes_by_file(prepared.training, options.data.size(), prepared.labels.size());
  return prepared;
}

Json identity_of(const TrainOptions& o) {
  Json classes = Json::object();
  for (const auto& [name, weight] : o.class_weights) classes[name] = weight;
  return {{"the base model", file_identity(o.base)},
          {"the training rows", identity_of_files(o.data)},
          {"the validation rows", identity_of_files(o.valid)},
          {"--valid-split", o.valid_split},
          {"--task", problem_type_of(o.task)},
          {"--labels", o.labels},
          {"--epochs", o.epochs},
          {"--max-steps", o.max_steps},
          {"--batch-tokens", o.batch_tokens},
          {"--max-tokens", o.max_tokens},
          {"--crop", o.crop == Crop::kRandom ? "random" : "head"},
          {"--learning-rate", o.learning_rate},
          {"--warmup", o.warmup},
          {"--weight-decay", o.weight_decay},
          {"--clip", o.clip},
          {"--dropout", o.dropout ? Json(*o.dropout) : Json()},
          {"--label-smoothing", o.label_smoothing},
          {"--partial", o.partial},
          {"--class-weights", {o.balanced, std::move(classes)}},
          {"--freeze", o.freeze_layers},
          {"--distil", o.teacher.empty() ? Json() : file_identity(o.teacher)},
          {"--temperature", o.temperature},
          {"--teacher-share", o.teacher_share},
          {"--eval-steps", o.eval_steps},
          {"--patience", o.patience},
          {"--best-by", o.best_by},
          {"--precision", static_cast<int>(o.precision)},
          {"--seed", o.seed}};
}

}  // namespace valence::train
