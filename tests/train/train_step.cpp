// The loss and the gradients of one training step, for a comparison with PyTorch's own.
//
//   train_step MODEL REQUEST.json OUT
//
// REQUEST: {"task", "texts", "labels" (class ids, lists of numbers, or numbers), and, where wanted,
// "label_smoothing", "class_weights", "present" (flags by row and class), "teacher" (logits),
// "temperature", "teacher_share", "freeze"}. Prints {"loss": ...}; OUT becomes a Hugging Face
// directory with the gradients in place of the weights. Nothing is dropped out.
#include <torch/types.h>

#include <cstdio>
#include <exception>
#include <map>
#include <numeric>
#include <string>

#include "base/mapped_file.h"
#include "model/export_hf.h"
#include "train/collate.h"
#include "train/loss.h"
#include "train/trainable_model.h"

namespace valence::train {
namespace {

std::vector<Example> examples_of(const Json& request, Task task, const Tokenizer& tokenizer) {
  std::vector<Example> examples;
  for (std::size_t i = 0; i < request.at("texts").size(); ++i) {
    Example example;
    example.tokens = tokenizer.tokenize(request.at("texts")[i].get<std::string>()).ids;
    const Json& label = request.at("labels")[i];
    if (task == Task::kSingleLabel)
      example.label = label.get<std::int32_t>();
    else
      example.values = label.is_array() ? label.get<std::vector<float>>()
                                        : std::vector<float>{label.get<float>()};
    if (request.contains("teacher"))
      example.teacher = request["teacher"][i].get<std::vector<float>>();
    examples.push_back(std::move(example));
  }
  return examples;
}

LossOptions loss_options_of(const Json& request, Task task) {
  LossOptions options;
  options.task = task;
  options.label_smoothing = request.value("label_smoothing", 0.0);
  options.temperature = request.value("temperature", 2.0);
  options.teacher_share = request.value("teacher_share", 0.5);
  if (request.contains("class_weights"))
    options.class_weights = torch::tensor(request["class_weights"].get<std::vector<float>>());
  return options;
}

Targets targets_of(const Json& request, Targets targets) {
  if (!request.contains("present")) return targets;
  std::vector<std::int64_t> flags;
  for (const Json& row : request["present"])
    for (const Json& flag : row) flags.push_back(flag.get<std::int64_t>());
  targets.present = torch::tensor(flags).to(torch::kBool).view({targets.classes.size(0), -1});
  return targets;
}

void write_gradients(const BaseModel& base, const TrainableModel& model, const std::string& out) {
  std::map<std::string, torch::Tensor, std::less<>> kept;
  std::map<std::string, Tensor, std::less<>> tensors;
  for (const auto& [name, parameter] : model.parameters()) {
    if (!parameter.grad().defined()) continue;
    const torch::Tensor values = kept[name] = parameter.grad().contiguous();
    tensors[name] = {DType::kF32, values.sizes().vec(),
                     std::as_bytes(std::span(values.data_ptr<float>(),
                                             static_cast<std::size_t>(values.numel())))};
  }
  export_hf_directory(base.file, *base.architecture, tensors, out);
}

void run(const std::string& path, const std::string& request_path, const std::string& out) {
  const std::map<std::string, Task> tasks{{"single", Task::kSingleLabel},
                                          {"multi", Task::kMultiLabel},
                                          {"regression", Task::kRegression}};
  const Json request = parse_json(MappedFile(request_path).text(), request_path);
  const Task task = tasks.at(request.at("task"));
  const BaseModel base = open_base_model(path);
  const Tokenizer tokenizer(base.file.tokenizer);
  TrainableModel::Options options;
  options.labels = static_cast<std::int64_t>(labels_of_config(base.file.config).size());
  options.dropout = 0;
  options.freeze_layers = request.value("freeze", 0);
  const TrainableModel model(base, options);
  const std::vector<Example> examples = examples_of(request, task, tokenizer);
  const Collator collator(tokenizer, task, static_cast<std::size_t>(model.window()), torch::kCPU);
  Batch batch(examples.size());
  std::iota(batch.begin(), batch.end(), std::size_t{0});
  const torch::Tensor loss = loss_of(
      model.logits(collator.tokens(examples, batch, Crop::kHead, 0), true),
      targets_of(request, collator.targets(examples, batch)), loss_options_of(request, task));
  loss.backward();
  std::printf("%s\n", Json{{"loss", loss.item<double>()}}.dump().c_str());
  write_gradients(base, model, out);
}

}  // namespace
}  // namespace valence::train

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: train_step MODEL REQUEST.json OUT\n", stderr);
    return 2;
  }
  try {
    valence::train::run(argv[1], argv[2], argv[3]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "train_step: %s\n", error.what());
    return 1;
  }
}
