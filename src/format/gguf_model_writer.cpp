#include "format/gguf_model_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/decode.h"
#include "base/encode.h"
#include "base/half.h"
#include "format/gguf_keys.h"
#include "format/gguf_tokenizer_writer.h"
#include "format/gguf_writer.h"
#include "valence/error.h"

namespace valence {
namespace {

// What llama.cpp computes as its architecture "bert".
constexpr auto kBertLike =
    std::to_array<std::string_view>({"bert", "distilbert", "roberta", "xlm-roberta", "camembert"});

std::string architecture_of(const JsonRef& config) {
  std::string model_type = config.string_or("model_type", "bert");
  const bool bert = std::find(kBertLike.begin(), kBertLike.end(), model_type) != kBertLike.end();
  return bert ? "bert" : model_type;
}

std::int64_t rows_of(const GgufModel& model, std::string_view name, std::int64_t fallback) {
  const auto found = std::find_if(model.tensors.begin(), model.tensors.end(),
                                  [&](const GgufTensor& tensor) { return tensor.name == name; });
  const bool there = found != model.tensors.end() && !found->source.shape.empty();
  return there ? found->source.shape.front() : fallback;
}

// general.file_type names what most weights are.
std::uint32_t file_type_of(const GgufModel& model) {
  std::map<DType, std::int64_t> counts;
  for (const GgufTensor& tensor : model.tensors)
    counts[tensor.type] += tensor.source.shape.size() > 1 ? tensor.source.count() : 0;
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const DType type = most == counts.end() ? DType::kF32 : most->first;
  switch (type) {
    case DType::kF32:
      return 0;
    case DType::kF16:
      return 1;
    case DType::kQ8_0:
      return 7;
    case DType::kBF16:
      return 32;
  }
  return 0;
}

std::vector<std::string> labels_of(const JsonRef& config, std::int64_t count) {
  std::vector<std::string> labels;
  const auto names = config.find("id2label");
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string id = std::to_string(i);
    const auto name = names ? names->find(id) : std::nullopt;
    labels.push_back(name && name->is_string() ? name->string() : "LABEL_" + id);
  }
  return labels;
}

// The sizes under both spellings that the configs use, DistilBERT's second.
struct SizeKey {
  const char* ours;
  const char* hugging_face;
  const char* distilbert;
};

constexpr auto kSizeKeys = std::to_array<SizeKey>({
    {".embedding_length", "hidden_size", "dim"},
    {".block_count", "num_hidden_layers", "n_layers"},
    {".attention.head_count", "num_attention_heads", "n_heads"},
    {".feed_forward_length", "intermediate_size", "hidden_dim"},
});

void add_architecture(const GgufModel& model, const JsonRef& config, GgufWriter& writer) {
  const std::string arch = architecture_of(config);
  writer.add_string(kKeyArchitecture, arch);
  writer.add_string("general.type", "model");
  writer.add_u32("general.file_type", file_type_of(model));
  writer.add_u32("general.quantization_version", 2);
  const auto add_size = [&](const char* key, std::int64_t size) {
    writer.add_u32(arch + key, static_cast<std::uint32_t>(size));
  };
  add_size(".context_length", rows_of(model, "position_embd.weight",
                                      config.integer_or("max_position_embeddings", 512)));
  for (const SizeKey& key : kSizeKeys)
    if (const auto size = config.has(key.hugging_face) ? config.find(key.hugging_face)
                                                       : config.find(key.distilbert))
      add_size(key.ours, size->integer_in(0, INT32_MAX));
  writer.add_f32(arch + ".attention.layer_norm_epsilon",
                 static_cast<float>(config.number_or("layer_norm_eps", 1e-12)));
  writer.add_bool(arch + ".attention.causal", false);
  writer.add_u32(arch + ".pooling_type", kPoolingRank);
  writer.add_strings(arch + ".classifier.output_labels",
                     labels_of(config, rows_of(model, "cls.output.weight", 0)));
}

// The scale of one row in Q8_0, as F16 holds it.
float row_scale(const Tensor& source, std::int64_t row) {
  std::vector<float> values(static_cast<std::size_t>(source.shape.back()));
  decode_elements(source, row * source.shape.back(), values);
  float largest = 0;
  for (const float value : values) {
    if (!std::isfinite(value))
      throw Error(ErrorCode::kInvalidArgument,
                  "a weight that is not a finite number cannot be written as Q8_0");
    largest = std::max(largest, std::fabs(value));
  }
  return f16_to_float(float_to_f16(largest / 127));
}

// Elements [begin, begin + values.size()): whole blocks, and no block lies in two rows.
void encode_by_row(const Tensor& source, std::int64_t begin, std::span<const float> values,
                   std::span<std::byte> out) {
  const std::int64_t row_size = source.shape.back();
  while (!values.empty()) {
    const auto left = static_cast<std::size_t>(row_size - begin % row_size);
    const std::span<const float> part = values.first(std::min(left, values.size()));
    const std::span<std::byte> bytes = out.first(part.size() / kQ8Block * kQ8BlockBytes);
    encode_q8_with_scale(part, row_scale(source, begin / row_size), bytes);
    begin += static_cast<std::int64_t>(part.size());
    values = values.subspan(part.size());
    out = out.subspan(bytes.size());
  }
}

GgufWriter::Fill converter(const GgufTensor& tensor) {
  return [&tensor](std::int64_t begin, std::span<std::byte> out) {
    const Tensor& source = tensor.source;
    if (source.type == tensor.type) {
      const auto first = static_cast<std::size_t>(bytes_of(source.type, begin));
      const auto bytes = source.data.subspan(first, out.size());
      std::copy(bytes.begin(), bytes.end(), out.begin());
      return;
    }
    const auto bytes_of_32 = static_cast<std::size_t>(bytes_of(tensor.type, kQ8Block));
    std::vector<float> values(out.size() * kQ8Block / bytes_of_32);
    decode_elements(source, begin, values);
    try {
      if (tensor.type == DType::kQ8_0 && tensor.scale_by_row)
        encode_by_row(source, begin, values, out);
      else
        encode_elements(tensor.type, values, out);
    } catch (const Error& error) {
      throw Error(error.code(), "the tensor " + tensor.name + ": " + error.what());
    }
  };
}

}  // namespace

void write_model_gguf(const std::filesystem::path& path, const GgufModel& model) {
  GgufWriter writer;
  const JsonRef config(model.config, "config");
  add_architecture(model, config, writer);
  const std::int64_t embeddings = rows_of(model, "token_embd.weight", 0);
  writer.add_u32(kKeyTypeCount,
                 static_cast<std::uint32_t>(rows_of(model, "token_types.weight", 1)));
  add_tokenizer(model.tokenizer, config, static_cast<std::size_t>(embeddings), writer);
  writer.add_string(kKeyConfig, model.config.dump());
  if (model.max_length != 0)
    writer.add_u32(kKeyMaxLength,
                   static_cast<std::uint32_t>(std::min<std::size_t>(model.max_length, INT32_MAX)));
  for (const GgufTensor& tensor : model.tensors)
    if (!tensor.source.outliers.empty())
      writer.add_i32s(kKeyOutliers + tensor.name, tensor.source.outliers);
  for (const GgufTensor& tensor : model.tensors)
    writer.add_tensor(tensor.name, tensor.type, tensor.source.shape, converter(tensor));
  writer.write(path);
}

}  // namespace valence
