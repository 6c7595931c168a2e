#include "format/gguf_model.h"

#include <memory>

#include "format/gguf_config.h"
#include "format/gguf_keys.h"
#include "format/gguf_tokenizer.h"

namespace valence {
namespace {

Json read_config(const GgufFile& file, std::vector<std::string>& notes) {
  const auto own = file.metadata.string(kKeyConfig);
  if (!own) return derive_config(file, notes);
  const std::string origin = file.metadata.origin() + ": " + kKeyConfig;
  Json config = parse_json(*own, origin);
  if (!config.is_object()) JsonRef(config, origin).fail("expected an object");
  return config;
}

std::vector<std::int32_t> read_outliers(const GgufMetadata& metadata, const std::string& name,
                                        const Tensor& tensor) {
  const std::string key = kKeyOutliers + name;
  const auto found = metadata.numbers(key);
  if (!found) return {};
  if (tensor.shape.size() != 2) metadata.fail(key, "the tensor is no matrix");
  const std::int64_t columns = tensor.shape[1];
  if (static_cast<std::int64_t>(found->size()) > columns)
    metadata.fail(key, "there are more than columns");
  std::vector<std::int32_t> outliers;
  outliers.reserve(found->size());
  for (const double column : *found) {
    if (!(column >= 0 && column < static_cast<double>(columns)))
      metadata.fail(key, "the matrix has " + std::to_string(columns) + " columns");
    outliers.push_back(static_cast<std::int32_t>(column));
  }
  return outliers;
}

}  // namespace

bool is_gguf(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) return false;
  const MappedFile file(path);
  return file.text().starts_with(kGgufMagic);
}

ModelFile gguf_to_model(const GgufFile& file) {
  ModelFile model;
  model.path = file.metadata.origin();
  model.naming = TensorNaming::kGguf;
  model.config = read_config(file, model.notes);
  model.tokenizer = read_gguf_tokenizer(file.metadata, model.notes);
  if (file.metadata.has(kKeyMaxLength))
    model.max_length = static_cast<std::size_t>(file.metadata.need_size(kKeyMaxLength));
  model.tensors = file.tensors;
  for (auto& [name, tensor] : model.tensors)
    tensor.outliers = read_outliers(file.metadata, name, tensor);
  return model;
}

ModelFile read_gguf_bytes(std::span<const std::byte> bytes, const std::string& name) {
  ModelFile model = gguf_to_model(parse_gguf(bytes, name));
  model.format = "GGUF";
  return model;
}

ModelFile read_gguf(const std::filesystem::path& path) {
  const auto file = std::make_shared<const MappedFile>(path);
  ModelFile model = gguf_to_model(parse_gguf(file->bytes(), path.string()));
  model.storage.push_back(file);
  return model;
}

}  // namespace valence
