// valence inspect: what a model file is.
#include <cstdio>
#include <memory>
#include <string>

#include "apps/cli/command.h"
#include "apps/cli/default_model.h"
#include "base/json.h"
#include "valence/classifier.h"

namespace valence::cli {
namespace {

const char* name_of(ScoreFunction function) {
  switch (function) {
    case ScoreFunction::kSigmoid:
      return "sigmoid";
    case ScoreFunction::kNone:
      return "none";
    default:
      return "softmax";
  }
}

void print_line(const char* key, const std::string& value) {
  std::printf("%-13s %s\n", key, value.c_str());
}

std::string plural(std::size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string calibration_of(const ModelInfo& info) {
  char text[48];
  std::snprintf(text, sizeof text, "temperature %.4g", info.temperature);
  std::string line = text;
  for (std::size_t id = 0; id < info.thresholds.size(); ++id) {
    std::snprintf(text, sizeof text, " %.4g", static_cast<double>(info.thresholds[id]));
    line += (id == 0 ? "; thresholds " : ", ") + info.labels[id] + text;
  }
  return line;
}

void print_readable(const ModelInfo& info) {
  print_line("model", info.path + " (" + info.format + ")");
  print_line("architecture", info.architecture + ", " + plural(info.layers, "layer") +
                                 ", hidden size " + std::to_string(info.hidden_size) + ", " +
                                 plural(info.heads, "head"));
  char millions[32];
  std::snprintf(millions, sizeof millions, "%.2f million",
                static_cast<double>(info.parameters) / 1e6);
  print_line("parameters", std::string(millions) + " (" + info.weight_types + ")");
  print_line("tokenizer", info.tokenizer + ", " + plural(info.vocabulary, "token"));
  print_line("window", plural(info.window, "token"));
  print_line("scores", std::string(name_of(info.function)) + " (" + info.problem_type + ")");
  for (std::size_t id = 0; id < info.labels.size(); ++id)
    print_line(id == 0 ? "labels" : "", std::to_string(id) + "  " + info.labels[id]);
  if (info.temperature != 1 || !info.thresholds.empty())
    print_line("calibration", calibration_of(info));
  for (const std::string& note : info.notes) print_line("note", note);
}

void print_json(const ModelInfo& info) {
  const nlohmann::ordered_json json{{"path", info.path},
                                    {"format", info.format},
                                    {"architecture", info.architecture},
                                    {"layers", info.layers},
                                    {"hidden_size", info.hidden_size},
                                    {"heads", info.heads},
                                    {"parameters", info.parameters},
                                    {"weight_bytes", info.weight_bytes},
                                    {"weight_types", info.weight_types},
                                    {"tokenizer", info.tokenizer},
                                    {"vocabulary", info.vocabulary},
                                    {"window", info.window},
                                    {"problem_type", info.problem_type},
                                    {"function", name_of(info.function)},
                                    {"labels", info.labels},
                                    {"temperature", info.temperature},
                                    {"thresholds", info.thresholds},
                                    {"notes", info.notes}};
  std::printf("%s\n", json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

struct Options {
  std::string model;
  bool json = false;
};

}  // namespace

Action define_inspect(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("model", options->model,
                 "Hugging Face directory or GGUF file [the built-in model]")
      ->envname("VALENCE_MODEL")
      ->option_text("PATH");
  app.add_flag("--json", options->json, "print JSON");
  return [options] {
    const Classifier classifier = load_classifier(options->model);
    options->json ? print_json(classifier.info()) : print_readable(classifier.info());
    return kOk;
  };
}

}  // namespace valence::cli
