#include "model/export_gguf.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "backend/backend.h"
#include "format/gguf_model_writer.h"
#include "model/architecture.h"

namespace valence {
namespace {

constexpr auto kKeptWhole = std::to_array<std::string_view>(
    {"position_embd.weight", "token_types.weight", "cls.output.weight"});

DType type_for(std::string_view name, const Tensor& tensor, DType wanted) {
  const bool kept = std::find(kKeptWhole.begin(), kKeptWhole.end(), name) != kKeptWhole.end();
  if (kept || tensor.shape.size() != 2) return DType::kF32;
  if (wanted == DType::kQ8_0 && tensor.shape[1] % kQ8Block != 0) return DType::kF16;
  return wanted;
}

// llama.cpp counts positions from the first row.
Tensor without_leading_rows(Tensor tensor, std::int64_t rows) {
  const std::int64_t bytes = bytes_of(tensor.type, tensor.count() / tensor.shape[0]) * rows;
  tensor.shape[0] -= rows;
  tensor.data = tensor.data.subspan(static_cast<std::size_t>(bytes));
  return tensor;
}

}  // namespace

void export_gguf(const ModelFile& file, const std::filesystem::path& target, DType type) {
  const Architecture& architecture = find_architecture(file);
  const Weights weights = find_weights(architecture, file);
  // Loading checks every shape, so that no damaged model is passed on.
  architecture.load(config_of(file), weights, *make_backend("cpu"));
  GgufModel model{file.config, file.tokenizer, file.max_length, {}};
  model.config["model_type"] = std::string(architecture.model_type);
  for (const auto& [name, entry] : weights.entries()) {
    const Tensor tensor = name == "position_embd.weight"
                              ? without_leading_rows(entry.tensor, weights.position_offset())
                              : entry.tensor;
    model.tensors.push_back({name, type_for(name, tensor, type), tensor});
  }
  write_model_gguf(target, model);
}

}  // namespace valence
