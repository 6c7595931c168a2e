#include "format/hf_directory.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "format/hf_tokenizer.h"
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

fs::path hf_folder_of(const fs::path& path) {
  return locate(path).first;
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
  HfTokenizer tokenizer = read_hf_tokenizer(folder, model.config);
  model.tokenizer = std::move(tokenizer.spec);
  model.max_length = tokenizer.max_length;
  return model;
}

}  // namespace valence
