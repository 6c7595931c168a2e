#include "model/export_gguf.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "format/gguf_model_writer.h"
#include "model/architecture.h"
#include "model/outliers.h"
#include "valence/error.h"

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

// Rows [begin, end) of a matrix.
Tensor rows_of(Tensor tensor, std::int64_t begin, std::int64_t end) {
  const std::int64_t row = bytes_of(tensor.type, tensor.count() / tensor.shape[0]);
  tensor.shape[0] = end - begin;
  tensor.data = tensor.data.subspan(static_cast<std::size_t>(begin * row),
                                    static_cast<std::size_t>((end - begin) * row));
  return tensor;
}

// llama.cpp counts positions from the first row.
Tensor positions_of(const Weights& weights, const Tensor& table, std::size_t window) {
  const std::int64_t first = weights.position_offset();
  const std::int64_t there = table.shape[0] - first;
  const auto wanted = static_cast<std::int64_t>(window);
  if (wanted > there)
    throw Error(ErrorCode::kInvalidArgument,
                weights.origin() + ": the model has " + std::to_string(there) +
                    " positions; a window of " + std::to_string(window) + " tokens does not fit");
  return rows_of(table, first, first + (wanted == 0 ? there : wanted));
}

}  // namespace

void export_gguf(const ModelFile& file, const std::filesystem::path& target, DType type,
                 std::size_t window) {
  const Architecture& architecture = find_architecture(file);
  const Weights weights = find_weights(architecture, file);
  // Loading checks every shape, so that no damaged model is passed on.
  const auto outliers = find_outliers(architecture, file, weights);
  GgufModel model{file.config, file.tokenizer, file.max_length, {}};
  model.config["model_type"] = std::string(architecture.model_type);
  if (window > 0) model.max_length = window;
  for (const auto& [name, entry] : weights.entries()) {
    Tensor tensor =
        name == "position_embd.weight" ? positions_of(weights, entry.tensor, window) : entry.tensor;
    const auto found = outliers.find(name);
    tensor.outliers = found == outliers.end() ? std::vector<std::int32_t>() : found->second;
    // Tables are not multiplied in int8: there a scale for each block is better.
    const bool layer = name.starts_with("blk.");
    model.tensors.push_back({name, type_for(name, tensor, type), tensor, layer});
  }
  write_model_gguf(target, model);
}

}  // namespace valence
