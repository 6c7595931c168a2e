#include "format/hf_weights.h"

#include <array>
#include <string_view>
#include <utility>

#include "format/file_kind.h"
#include "format/safetensors.h"
#include "valence/error.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

struct OtherWeights {
  const char* file;
  const char* advice;
};

constexpr const char* kConvert =
    "only model.safetensors is read; load the folder with transformers and write it again with "
    "save_pretrained(folder, safe_serialization=True)";

constexpr auto kOtherWeights = std::to_array<OtherWeights>({
    {"adapter_model.safetensors",
     "this is an adapter (LoRA) without its base model; merge both with peft's merge_and_unload "
     "and save the whole model"},
    {"pytorch_model.bin", kConvert},
    {"pytorch_model.bin.index.json", kConvert},
    {"tf_model.h5", kConvert},
    {"flax_model.msgpack", kConvert},
    {"model.onnx", kConvert},
});

[[noreturn]] void fail_without_weights(const fs::path& folder) {
  for (const OtherWeights& other : kOtherWeights)
    if (fs::exists(folder / other.file))
      throw Error(ErrorCode::kUnsupported,
                  folder.string() + ": has weights only in " + other.file + "; " + other.advice);
  throw Error(ErrorCode::kNotFound, folder.string() + ": has no " + kSingle + " and no " + kIndex +
                                        "; is the download complete?");
}

Safetensors read_file(const fs::path& path, ModelFile& model) {
  const auto file = std::make_shared<const MappedFile>(path);
  const std::string wrong = explain_wrong_kind(file->bytes());
  if (!wrong.empty()) throw Error(ErrorCode::kCorrupt, path.string() + ": " + wrong);
  Safetensors parsed = parse_safetensors(file->bytes(), path.string());
  model.storage.push_back(file);
  model.notes.insert(model.notes.end(), parsed.notes.begin(), parsed.notes.end());
  return parsed;
}

// A shard's name must be a plain file name, so that an index cannot reach outside the folder.
std::string shard_name(const JsonRef& json) {
  std::string name = json.string();
  if (name.empty() || name == "." || name == ".." ||
      name.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos)
    throw Error(ErrorCode::kCorrupt,
                json.path() + ": \"" + name + "\" is not the name of a file in the same folder");
  return name;
}

Safetensors read_shard(const fs::path& folder, const std::string& name, const fs::path& index,
                       ModelFile& model) {
  if (!fs::exists(folder / name))
    throw Error(ErrorCode::kNotFound, index.string() + ": the shard " + name +
                                          " is missing from the folder; is the download complete?");
  return read_file(folder / name, model);
}

void read_shards(const fs::path& folder, ModelFile& model) {
  const fs::path index = folder / kIndex;
  const MappedFile file(index);
  const Json json = parse_json(file.text(), index.string(), DuplicateKeys::kError);
  const JsonRef weight_map = JsonRef(json, index.string() + ": ").at("weight_map");
  if (!weight_map.is_object()) weight_map.fail("expected an object of tensor names");
  std::map<std::string, Safetensors> shards;
  for (const auto& [tensor, value] : weight_map.raw().items()) {
    const std::string name = shard_name(weight_map.at(tensor));
    if (!shards.contains(name)) shards.emplace(name, read_shard(folder, name, index, model));
    const Safetensors& shard = shards.at(name);
    const auto found = shard.tensors.find(tensor);
    if (found != shard.tensors.end()) {
      model.tensors.insert(*found);
    } else if (!shard.left_out.contains(tensor)) {
      throw Error(ErrorCode::kCorrupt, index.string() + ": the tensor " + tensor +
                                           " is not in its shard " + name +
                                           "; index and shards are of different models");
    }
  }
}

}  // namespace

void read_hf_weights(const fs::path& folder, const fs::path& named, ModelFile& model) {
  if (fs::exists(folder / kIndex) && !fs::exists(folder / kSingle))
    return read_shards(folder, model);
  const fs::path single = named.empty() ? folder / kSingle : named;
  if (!fs::exists(single)) fail_without_weights(folder);
  model.tensors = read_file(single, model).tensors;
}

}  // namespace valence
