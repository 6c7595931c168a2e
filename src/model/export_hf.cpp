#include "model/export_hf.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "format/hf_directory_writer.h"
#include "valence/error.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLayerPrefix = "blk.";

std::string_view hf_stem(std::span<const NamePair> names, std::string_view ours) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const NamePair& pair) { return pair.ours == ours; });
  if (found == names.end())
    throw Error(ErrorCode::kInternal, "no name for the tensor " + std::string(ours));
  return found->hugging_face;
}

// "blk.3.attn_q.weight" -> "bert.encoder.layer.3.attention.self.query.weight"
std::string hf_name(const Architecture& architecture, const JsonRef& config,
                    std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const std::string_view suffix = name.substr(dot);
  std::string_view stem = name.substr(0, dot);
  if (!stem.starts_with(kLayerPrefix))
    return std::string(hf_stem(architecture.model_names, stem)).append(suffix);
  stem.remove_prefix(kLayerPrefix.size());
  const std::size_t end = stem.find('.');
  const std::int64_t layer = std::stoll(std::string(stem.substr(0, end)));
  return architecture.hf_layer_prefix(config, layer)
      .append(hf_stem(architecture.layer_names, stem.substr(end + 1)))
      .append(suffix);
}

fs::path tokenizer_folder(const ModelFile& file) {
  if (file.naming != TensorNaming::kHuggingFace) return {};
  const fs::path path = file.path;
  return fs::is_directory(path) ? path : path.parent_path();
}

}  // namespace

void export_hf_directory(const ModelFile& file, const Architecture& architecture,
                         const std::map<std::string, Tensor, std::less<>>& tensors,
                         const fs::path& folder) {
  const JsonRef config = config_of(file);
  HfModel model{file.config, {}, file.tokenizer, file.max_length, false, tokenizer_folder(file)};
  model.has_token_types = tensors.contains("token_types.weight");
  for (const auto& [name, tensor] : tensors)
    model.tensors.emplace(hf_name(architecture, config, name), tensor);
  model.config["torch_dtype"] = "float32";
  write_hf_directory(folder, model);
}

}  // namespace valence
