#include "model/architecture.h"

#include <array>
#include <optional>

#include "model/architectures.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::array<const Architecture*, 7> kArchitectures{
    &kBert, &kDistilBert, &kRoberta, &kXlmRoberta, &kCamembert, &kElectra, &kAlbert};

std::string known_architectures() {
  std::string list;
  for (const Architecture* known : kArchitectures)
    list += (list.empty() ? "" : ", ") + std::string(known->class_name);
  return list;
}

[[noreturn]] void refuse(const ModelFile& file, const std::string& found) {
  const bool other_task = !found.ends_with("ForSequenceClassification");
  throw Error(ErrorCode::kUnsupported,
              file.path + ": " + found + " is " +
                  (other_task ? "not a text classifier" : "not an architecture that is supported") +
                  "; supported are " + known_architectures());
}

// Old checkpoints call the parameters of LayerNorm gamma and beta.
constexpr auto kSuffixes = std::to_array<std::array<std::string_view, 2>>({
    {".weight", ".weight"},
    {".bias", ".bias"},
    {".weight", ".gamma"},
    {".bias", ".beta"},
});

void take(const ModelFile& file, const std::string& ours, const std::string& theirs,
          Weights& weights) {
  for (const auto& [suffix, their_suffix] : kSuffixes) {
    const std::string name = theirs + std::string(their_suffix);
    weights.expect(ours + std::string(suffix), name);
    const auto found = file.tensors.find(name);
    if (found != file.tensors.end()) weights.add(ours + std::string(suffix), {found->second, name});
  }
}

// Tools that rewrite a GGUF may drop a leading dimension of one row.
void restore_single_rows(const ModelFile& file, Weights& weights) {
  for (const char* name : {"cls.output.weight", "token_types.weight"}) {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end() || found->second.shape.size() != 1) continue;
    Tensor tensor = found->second;
    tensor.shape.insert(tensor.shape.begin(), 1);
    weights.add(name, {tensor, name});
  }
}

}  // namespace

JsonRef config_of(const ModelFile& file) {
  return {file.config, file.path + ": config"};
}

const Architecture& find_architecture(const ModelFile& file) {
  const JsonRef config = config_of(file);
  const std::optional<JsonRef> classes = config.find("architectures");
  if (classes && classes->size() > 0) {
    const std::string class_name = classes->at(std::size_t{0}).string();
    for (const Architecture* known : kArchitectures)
      if (known->class_name == class_name) return *known;
    refuse(file, class_name);
  }
  const std::string model_type = config.at("model_type").string();
  for (const Architecture* known : kArchitectures)
    if (known->model_type == model_type) return *known;
  refuse(file, model_type);
}

Weights find_weights(const Architecture& architecture, const ModelFile& file) {
  const JsonRef config = config_of(file);
  const bool renamed = file.naming == TensorNaming::kHuggingFace;
  Weights weights(file.path);
  for (const NamePair& pair : architecture.model_names)
    take(file, std::string(pair.ours), std::string(renamed ? pair.hugging_face : pair.ours),
         weights);
  const std::int64_t layers = architecture.stored_layers(config);
  // A config that promises more layers than there are tensors is found out by the missing ones.
  const auto limit = static_cast<std::int64_t>(file.tensors.size());
  for (std::int64_t layer = 0; layer < std::min(layers, limit); ++layer) {
    const std::string ours = "blk." + std::to_string(layer) + ".";
    const std::string theirs = renamed ? architecture.hf_layer_prefix(config, layer) : ours;
    for (const NamePair& pair : architecture.layer_names)
      take(file, ours + std::string(pair.ours),
           theirs + std::string(renamed ? pair.hugging_face : pair.ours), weights);
  }
  if (renamed) weights.set_position_offset(architecture.hf_position_offset(config));
  if (!renamed) restore_single_rows(file, weights);
  return weights;
}

}  // namespace valence
