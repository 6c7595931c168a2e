#include "format/hf_directory.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "format/hf_weights.h"
#include "valence/error.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

constexpr auto kMembers = std::to_array<std::string_view>({
    "config.json",
    "model.safetensors.index.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "special_tokens_map.json",
    "pytorch_model.bin",
});

Json read_json(const fs::path& path) {
  return parse_json(MappedFile(path).text(), path.string());
}

std::vector<fs::path> files_ending(const fs::path& folder, std::string_view extension) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

[[noreturn]] void fail_without_config(const fs::path& folder) {
  std::string advice = "this is no Hugging Face model folder, or its download is not complete";
  const auto gguf = files_ending(folder, ".gguf");
  if (!gguf.empty()) advice = "give the path of the model file, " + gguf.front().string();
  if (fs::is_directory(folder / "snapshots"))
    advice = "this is a cache of Hugging Face; give the path of a folder below " +
             (folder / "snapshots").string();
  throw Error(ErrorCode::kNotFound, folder.string() + ": has no config.json; " + advice);
}

// "No limit" is written as a huge number, and some files hold null.
std::size_t read_max_length(const fs::path& folder) {
  const fs::path path = folder / "tokenizer_config.json";
  if (!fs::exists(path)) return 0;
  const Json json = read_json(path);
  const auto limit = JsonRef(json, path.string() + ": ").number_or("model_max_length", 0);
  return limit >= 1 && limit < 1e9 ? static_cast<std::size_t>(limit) : 0;
}

// Moves the bulky parts of a tokenizer.json out of it.
TokenizerSpec read_tokenizer(const fs::path& folder) {
  const fs::path path = folder / "tokenizer.json";
  TokenizerSpec spec;
  spec.pipeline = read_json(path);
  const JsonRef model = JsonRef(spec.pipeline, path.string() + ": ").at("model");
  const JsonRef vocab = model.at("vocab");
  for (std::size_t i = 0; vocab.is_array() && i < vocab.size(); ++i) {
    spec.tokens.push_back(vocab.at(i).at(std::size_t{0}).string());
    spec.scores.push_back(vocab.at(i).at(std::size_t{1}).number());
  }
  if (vocab.is_object()) {
    for (const auto& [token, value] : vocab.raw().items()) {
      const auto id = static_cast<std::size_t>(vocab.at(token).integer_in(0, 1 << 24));
      if (id >= spec.tokens.size()) spec.tokens.resize(id + 1);
      spec.tokens[id] = token;
    }
  }
  if (const auto merges = model.find("merges")) {
    for (std::size_t i = 0; i < merges->size(); ++i) {
      const JsonRef merge = merges->at(i);
      if (merge.is_array()) {
        spec.merges.emplace_back(merge.at(std::size_t{0}).string(),
                                 merge.at(std::size_t{1}).string());
      } else {
        const std::string pair = merge.string();
        const std::size_t space = pair.find(' ');
        if (space == std::string::npos) merge.fail("expected two tokens");
        spec.merges.emplace_back(pair.substr(0, space), pair.substr(space + 1));
      }
    }
  }
  spec.pipeline["model"].erase("vocab");
  spec.pipeline["model"].erase("merges");
  return spec;
}

// The folder, and the weights file that was named where it is not the usual one.
std::pair<fs::path, fs::path> locate(const fs::path& path) {
  if (fs::is_directory(path)) return {path, {}};
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const bool weights = path.extension() == ".safetensors";
  return {folder, weights ? path : fs::path()};
}

}  // namespace

bool is_hf_directory(const fs::path& path) {
  if (fs::is_directory(path)) return true;
  return path.extension() == ".safetensors" ||
         std::find(kMembers.begin(), kMembers.end(), path.filename().string()) != kMembers.end();
}

ModelFile read_hf_directory(const fs::path& path) {
  const auto [folder, weights] = locate(path);
  if (!fs::exists(folder / "config.json")) fail_without_config(folder);
  ModelFile model;
  model.path = path.string();
  model.config = read_json(folder / "config.json");
  if (!model.config.is_object())
    JsonRef(model.config, (folder / "config.json").string()).fail("expected an object");
  read_hf_weights(folder, weights, model);
  model.tokenizer = read_tokenizer(folder);
  model.max_length = read_max_length(folder);
  return model;
}

}  // namespace valence
