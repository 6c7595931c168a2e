#include "backend/cpu/file_matrix.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "backend/cpu/scratch.h"
#include "valence/error.h"

namespace valence::cpu {

FileMatrix::FileMatrix(const Kernels& kernels, const Tensor& tensor)
    : ProductMatrix(tensor.shape.at(0), tensor.shape.at(1)),
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

const float* FileMatrix::row(std::int64_t index, std::span<float> scratch) const {
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

void FileMatrix::multiply(ConstMatrix x, const float* bias, Matrix out) const {
  constexpr std::int64_t kRows = 128;  // of x that stay in the second-level cache meanwhile
  const std::span<float> scratch = thread_scratch<float>(Scratch::kDecoded, kBlock * in());
  const auto size = static_cast<std::size_t>(in());
  std::array<const float*, kBlock> rows{};
  for (std::int64_t r = 0; r < x.rows; r += kRows) {
    const std::int64_t count = std::min(kRows, x.rows - r);
    const Matrix part = out.rows_from(r, count);
    for (std::int64_t n = 0; n < out.cols; n += kBlock) {
      const std::int64_t columns = std::min(kBlock, out.cols - n);
      for (std::int64_t c = 0; c < columns; ++c)
        rows[c] = row(n + c, scratch.subspan(static_cast<std::size_t>(c) * size, size));
      kernels_.dot_block(x.rows_from(r, count), rows.data(), columns, part.columns(n, columns));
    }
    if (bias == nullptr) continue;
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t n = 0; n < out.cols; ++n) part.row(i)[n] += bias[n];
  }
}

}  // namespace valence::cpu
