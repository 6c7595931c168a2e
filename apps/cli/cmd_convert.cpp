// valence convert: any model that is read to GGUF, checked against its source.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/command.h"
#include "apps/cli/weight_types.h"
#include "engine/compare.h"
#include "model/export_gguf.h"
#include "valence/classifier.h"

namespace valence::cli {
namespace {

struct Options {
  std::string source;
  std::string target;
  std::string type = "f32";
  std::string texts;
  std::size_t window = 0;  // 0: as it is
  bool force = false;
};

// A file of F32 weights computes what its source computes; this is the bound for every model that
// is read.
constexpr double kExactBound = 1e-4;

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::kNotFound, "cannot read the sample texts in " + path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (lines.empty()) throw Error(ErrorCode::kInvalidArgument, path + " has no lines");
  return lines;
}

Comparison check(const Options& options) {
  const Classifier source = Classifier::load(options.source);
  const Classifier target = Classifier::load(options.target);
  if (options.texts.empty()) return compare_models(source, target, sample_texts());
  const std::vector<std::string> lines = read_lines(options.texts);
  const std::vector<std::string_view> texts(lines.begin(), lines.end());
  return compare_models(source, target, texts);
}

int convert(const Options& options) {
  if (std::filesystem::exists(options.target) && !options.force)
    throw Error(ErrorCode::kInvalidArgument,
                options.target + " exists already; --force replaces it");
  export_gguf(open_model_file(options.source), options.target, kWeightTypes.at(options.type),
              options.window);
  const Comparison result = check(options);
  std::printf("wrote %s (%.1f MB)\n", options.target.c_str(),
              static_cast<double>(std::filesystem::file_size(options.target)) / 1e6);
  std::printf("checked on %zu texts: largest logit difference %.2g, same label on %zu of %zu\n",
              result.texts, result.largest_logit_difference, result.same_label, result.texts);
  const bool exact = options.type == "f32" && options.window == 0;
  if (exact && result.largest_logit_difference > kExactBound)
    throw Error(ErrorCode::kInternal,
                options.target + " does not compute what its source computes; do not use it");
  return kOk;
}

}  // namespace

Action define_convert(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("model", options->source, "Hugging Face directory or GGUF file")
      ->required()
      ->option_text("PATH");
  app.add_option("-o,--output", options->target, "the GGUF file to write")
      ->required()
      ->option_text("FILE");
  app.add_option("--type", options->type, "type of the weight matrices")
      ->check(CLI::IsMember(&kWeightTypes))
      ->capture_default_str();
  app.add_option("--window", options->window,
                 "shorten the model's window to this many tokens; longer texts are read in several")
      ->check(CLI::Range(8, 1 << 24));
  app.add_option("--texts", options->texts,
                 "check on the lines of this file instead of own samples")
      ->option_text("FILE");
  app.add_flag("--force", options->force, "replace an existing file");
  return [options] { return convert(*options); };
}

}  // namespace valence::cli
