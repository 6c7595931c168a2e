#include "base/decode.h"

#include <cstring>

#include "base/half.h"

namespace valence {
namespace {

// Tensor data may be unaligned.
template <typename T>
T read(const std::byte* data, std::int64_t index) {
  T value;
  std::memcpy(&value, data + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
  return value;
}

float decode_q8(const std::byte* data, std::int64_t index) {
  const std::byte* block = data + index / kQ8Block * kQ8BlockBytes;
  const float scale = f16_to_float(read<std::uint16_t>(block, 0));
  return scale * static_cast<float>(read<std::int8_t>(block, 2 + index % kQ8Block));
}

float decode_one(const Tensor& tensor, std::int64_t index) {
  const std::byte* data = tensor.data.data();
  switch (tensor.type) {
    case DType::kF32:
      return read<float>(data, index);
    case DType::kF16:
      return f16_to_float(read<std::uint16_t>(data, index));
    case DType::kBF16:
      return bf16_to_float(read<std::uint16_t>(data, index));
    case DType::kQ8_0:
      return decode_q8(data, index);
  }
  return 0;
}

}  // namespace

void decode_elements(const Tensor& tensor, std::int64_t begin, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = decode_one(tensor, begin + static_cast<std::int64_t>(i));
}

std::vector<float> decode_all(const Tensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.count()));
  decode_elements(tensor, 0, values);
  return values;
}

}  // namespace valence
