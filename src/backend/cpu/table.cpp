#include "backend/cpu/table.h"

#include <cstring>

#include "backend/cpu/scratch.h"
#include "valence/error.h"

namespace valence::cpu {

Table::Table(const Kernels& kernels, const Tensor& tensor)
    : WeightMatrix(tensor.shape.at(0), tensor.shape.at(1)),
      kernels_(kernels),
      type_(tensor.type),
      row_bytes_(bytes_of(tensor.type, in())),
      data_(tensor.data.data()),
      in_place_(tensor.type == DType::kF32 &&
                reinterpret_cast<std::uintptr_t>(tensor.data.data()) % alignof(float) == 0) {
  if (type_ == DType::kQ8_0 && in() % kQ8Block != 0)
    throw Error(ErrorCode::kUnsupported, "a Q8_0 matrix " + shape_text(tensor.shape) +
                                             " whose rows are not a multiple of 32 cannot be used");
}

const float* Table::row(std::int64_t index, std::span<float> scratch) const {
  const std::byte* data = data_ + index * row_bytes_;
  if (in_place_) return reinterpret_cast<const float*>(data);
  switch (type_) {
    case DType::kF32:
      std::memcpy(scratch.data(), data, static_cast<std::size_t>(row_bytes_));
      break;
    case DType::kF16:
      kernels_.decode_f16(data, scratch);
      break;
    case DType::kBF16:
      kernels_.decode_bf16(data, scratch);
      break;
    case DType::kQ8_0:
      kernels_.decode_q8(data, scratch);
      break;
  }
  return scratch.data();
}

void Table::prefetch(std::int64_t index) const {
  const std::byte* data = data_ + index * row_bytes_;
  for (std::int64_t i = 0; i < row_bytes_; i += static_cast<std::int64_t>(kCacheLine))
    __builtin_prefetch(data + i);
}

}  // namespace valence::cpu
