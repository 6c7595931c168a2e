#include "apps/cli/train_settings.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "apps/cli/configured_command.h"
#include "apps/cli/weight_types.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

using train::Crop;
using train::DataFile;
using train::Precision;

const std::map<std::string, Task> kTasks{{"single", Task::kSingleLabel},
                                         {"multi", Task::kMultiLabel},
                                         {"regression", Task::kRegression}};
const std::map<std::string, Crop> kCrops{{"head", Crop::kHead}, {"random", Crop::kRandom}};
const std::map<std::string, Precision> kPrecisions{
    {"auto", Precision::kAuto}, {"fp32", Precision::kFp32}, {"bf16", Precision::kBf16}};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::kInvalidArgument, why);
}

CLI::Option* add_list(CLI::App& app, const char* names, std::vector<std::string>& into,
                      const char* help, const char* type) {
  return app.add_option(names, into, help)->type_name(type)->allow_extra_args(false);
}

void declare_rows(CLI::App& app, TrainSettings& s) {
  app.add_option("--base", s.options.base,
                 "model to start from: a Hugging Face directory or a GGUF file, of a classifier or "
                 "of an encoder without head")
      ->required()
      ->type_name("PATH");
  app.add_option("-o,--output", s.options.output, "directory to write the model to")
      ->required()
      ->type_name("DIR");
  add_list(app, "--data", s.data, "training rows: CSV, TSV or JSONL, may be gzip", "FILE[,FILE]")
      ->required()
      ->delimiter(',');
  add_list(app, "--text-column", s.text_columns, "column with the texts [text, or the only column]",
           "NAME");
  add_list(app, "--label-column", s.label_columns, "column with the labels [label]", "NAME");
  add_list(app, "--label-map", s.label_maps,
           "renames labels: 1=negative,2=negative,3=neutral; an empty name drops the row",
           "GIVEN=LABEL,...");
  app.add_option("--weight", s.weights, "how often an epoch sees each row of a file [1]")
      ->type_name("NUMBER")
      ->allow_extra_args(false);
  add_list(app, "--valid", s.valid, "rows to validate on", "FILE[,FILE]")->delimiter(',');
  add_list(app, "--valid-label-map", s.valid_label_maps, "as --label-map, for --valid",
           "GIVEN=LABEL,...");
  app.add_option("--valid-split", s.options.valid_split,
                 "hold back this share of the training rows to validate on")
      ->type_name("SHARE");
  app.add_option("--task", s.task,
                 "single: one label a row; multi: any number; regression: a number")
      ->check(CLI::IsMember(&kTasks))
      ->capture_default_str();
  add_list(app, "--labels", s.options.labels,
           "the classes, in this order [the base model's if they fit, else the data's]",
           "NAME,NAME")
      ->delimiter(',');
}

void declare_training(CLI::App& app, TrainSettings& s) {
  train::TrainOptions& o = s.options;
  const auto number = [&](const char* name, auto& into, const char* help) {
    app.add_option(name, into, help)->capture_default_str();
  };
  number("--epochs", o.epochs, "times that all rows are seen; may have a fraction");
  number("--max-steps", o.max_steps, "end after this many steps; 0: after the epochs");
  number("--batch-tokens", o.batch_tokens, "tokens in a batch, padding included");
  number("--max-tokens", o.max_tokens, "longer texts are cut to this, special tokens included");
  app.add_option("--crop", s.crop,
                 "the part of a longer text that is kept: its head, or a random one each time")
      ->check(CLI::IsMember(&kCrops))
      ->capture_default_str();
  number("--learning-rate", o.learning_rate, "the highest one");
  number("--warmup", o.warmup, "share of the steps in which the rate rises from 0");
  number("--weight-decay", o.weight_decay, "of matrices; biases and LayerNorm have none");
  number("--clip", o.clip, "largest norm of the gradients; 0: none");
  app.add_option("--dropout", o.dropout, "in place of the rates of the config");
  number("--label-smoothing", o.label_smoothing, "share of the target spread over all classes");
  app.add_flag("--partial", o.partial,
               "rows of a file that lacks some classes only compare those that it has");
  app.add_option("--class-weights", s.class_weights,
                 "\"balanced\", or the weight of classes in the loss: A=2,B=0.5")
      ->type_name("WEIGHTS");
  app.add_option("--freeze", s.freeze,
                 "layers that keep their weights, the embeddings too, or \"encoder\"")
      ->capture_default_str();
  app.add_option("--distil", o.teacher, "model whose probabilities are learnt besides the labels")
      ->type_name("PATH");
  number("--temperature", o.temperature, "of the teacher's probabilities");
  number("--teacher-share", o.teacher_share, "of the loss");
  number("--seed", o.seed, "of fresh weights, dropout and the order of rows");
}

void declare_conduct(CLI::App& app, TrainSettings& s) {
  train::TrainOptions& o = s.options;
  const auto number = [&](const char* name, auto& into, const char* help) {
    app.add_option(name, into, help)->capture_default_str();
  };
  number("--eval-steps", o.eval_steps, "validate every so many steps; 0: after each epoch");
  number("--patience", o.patience, "end after so many validations without a better one; 0: never");
  app.add_option("--best-by", o.best_by,
                 "figure that tells the best checkpoint [macro_f1; regression: mse]")
      ->check(CLI::IsMember({"loss", "accuracy", "macro_f1", "macro_recall", "micro_f1", "mse"}));
  app.add_option("--gguf", s.gguf, "also write DIR/model.gguf with weights of this type")
      ->check(CLI::IsMember(&kWeightTypes));
  app.add_option("--precision", s.precision, "of the large products; auto: bf16 on CUDA, else fp32")
      ->check(CLI::IsMember(&kPrecisions))
      ->capture_default_str();
  app.add_option("--device", o.device, "where to compute; auto: CUDA where there is one")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->capture_default_str();
  app.add_option("--threads", o.threads, "threads to compute with [all processors]")
      ->check(CLI::Range(1, 4096));
  number("--checkpoint-minutes", o.checkpoint_minutes, "between two checkpoints");
  app.add_option("--log-steps", o.log_steps, "steps between two lines of training_log.jsonl")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_flag("--resume", o.resume, "go on with an interrupted run with the same options");
  app.add_flag("--force", o.force, "replace a model, or an interrupted run, that is there");
  app.add_flag("-q,--quiet", s.quiet, "print nothing but errors");
  app.add_flag("--no-progress", s.no_progress, "no progress bar");
}

// The entry for file `i` of `count`: none, the only one, or its own.
template <typename T>
std::optional<T> entry(const std::vector<T>& given, std::size_t i, std::size_t count,
                       const char* option) {
  if (given.empty()) return std::nullopt;
  if (given.size() != 1 && given.size() != count)
    refuse(std::string(option) + " is given " + std::to_string(given.size()) + " times for " +
           std::to_string(count) + " files; give it once for all, or once for each");
  return given[given.size() == 1 ? 0 : i];
}

std::vector<DataFile> files_of(const TrainSettings& s, const std::vector<std::string>& paths,
                               const std::vector<std::string>& maps, const char* map_option) {
  std::vector<DataFile> files;
  const bool training = &paths == &s.data;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    // The columns of training files name those of validation files where there is one name for all.
    const std::size_t count = training || s.text_columns.size() > 1 ? paths.size() : 1;
    DataFile file;
    file.path = paths[i];
    if (training || s.text_columns.size() == 1)
      file.read.text_column = entry(s.text_columns, i, count, "--text-column");
    if (training || s.label_columns.size() == 1)
      file.read.label_column =
          entry(s.label_columns, i, training ? paths.size() : 1, "--label-column")
              .value_or(file.read.label_column);
    if (const auto map = entry(maps, i, paths.size(), map_option); map && !map->empty())
      file.read.label_map = parse_label_map(*map);
    if (training) file.weight = entry(s.weights, i, paths.size(), "--weight").value_or(1);
    files.push_back(std::move(file));
  }
  return files;
}

std::map<std::string, double> parse_weights(const std::string& text) {
  std::map<std::string, double> weights;
  for (const auto& [name, number] : parse_label_map(text)) {
    std::size_t used = 0;
    try {
      weights[name] = std::stod(number, &used);
    } catch (const std::exception&) {
      used = 0;
    }
    if (used == 0 || used != number.size())
      refuse("--class-weights: \"" + number + "\" is not a number");
  }
  return weights;
}

std::int64_t parse_freeze(const std::string& text) {
  if (text == "encoder") return -1;
  const bool digits =
      !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!digits) refuse("--freeze is a number of layers, or \"encoder\"");
  return std::stoll(text);
}

}  // namespace

void declare_options(CLI::App& app, TrainSettings& settings) {
  declare_rows(app, settings);
  declare_training(app, settings);
  declare_conduct(app, settings);
  take_config(app, "max-tokens = 128");
  app.footer(
      "An option of the rows that is given once is for all files of --data; else it is given once\n"
      "for each, in their order; an empty --label-map renames nothing.\n"
      "Exit codes: 0 done, 2 usage, 3 no such file or column, 4 bad input, 5 input or output "
      "failed,\n70 training failed, 130 interrupted: --resume goes on.");
}

std::variant<TrainSettings, int> parse_train_arguments(std::vector<std::string> arguments) {
  CLI::App app("Fine-tune a classifier on labelled rows.", "valence train");
  return parse_arguments<TrainSettings>(app, declare_options, std::move(arguments));
}

train::TrainOptions options_of(const TrainSettings& s) {
  train::TrainOptions options = s.options;
  options.task = kTasks.at(s.task);
  options.crop = kCrops.at(s.crop);
  options.precision = kPrecisions.at(s.precision);
  options.data = files_of(s, s.data, s.label_maps, "--label-map");
  options.valid = files_of(s, s.valid, s.valid_label_maps, "--valid-label-map");
  if (s.class_weights == "balanced")
    options.balanced = true;
  else if (!s.class_weights.empty())
    options.class_weights = parse_weights(s.class_weights);
  options.freeze_layers = parse_freeze(s.freeze);
  if (options.resume && options.force) refuse("--resume and --force do not go together");
  return options;
}

}  // namespace valence::cli
