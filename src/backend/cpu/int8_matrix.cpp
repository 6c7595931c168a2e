#include "backend/cpu/int8_matrix.h"

#include <algorithm>
#include <cstring>

namespace valence::cpu {
namespace {

std::int64_t whole(std::int64_t count, std::int64_t unit) {
  return (count + unit - 1) / unit * unit;
}

}  // namespace

Int8Matrix::Int8Matrix(const Kernels& kernels, const FileMatrix& matrix)
    : ProductMatrix(matrix.out(), matrix.in()),
      kernels_(kernels),
      groups_(whole(in(), kGroup) / kGroup),
      scales_(static_cast<std::size_t>(whole(out(), kPanel))),
      corrections_(scales_.size()) {
  const std::int64_t panel_bytes = groups_ * kPanel * kGroup;
  const auto bytes = static_cast<std::size_t>(whole(out(), kPanel) / kPanel * panel_bytes);
  std::byte* packed = packed_.grow(bytes);
  std::fill_n(packed, bytes, std::byte{0});
  std::vector<float> scratch(static_cast<std::size_t>(in()));
  std::vector<std::uint8_t> row(static_cast<std::size_t>(groups_ * kGroup));
  for (std::int64_t n = 0; n < out(); ++n) {
    const std::span values(matrix.row(n, scratch), scratch.size());
    scales_[n] = kernels_.quantize(values, 0, row.data());
    std::int32_t sum = 0;
    for (const std::uint8_t byte : row) sum += static_cast<std::int8_t>(byte);
    corrections_[n] = kernels_.activation_zero * sum;
    std::byte* column = packed + n / kPanel * panel_bytes + n % kPanel * kGroup;
    for (std::int64_t g = 0; g < groups_; ++g)
      std::memcpy(column + g * kPanel * kGroup, &row[g * kGroup], kGroup);
  }
}

void Int8Matrix::multiply(ConstMatrix x, const float* bias, Matrix out) const {
  const std::int64_t stride = whole(groups_ * kGroup, static_cast<std::int64_t>(kCacheLine));
  // Quantized rows, then their scales.
  const std::span<std::uint8_t> memory = thread_scratch<std::uint8_t>(
      Scratch::kQuantized, x.rows * (stride + static_cast<std::int64_t>(sizeof(float))));
  auto* scales = reinterpret_cast<float*>(memory.data() + x.rows * stride);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    std::uint8_t* row = memory.data() + r * stride;
    scales[r] = kernels_.quantize(x.row_span(r), kernels_.activation_zero, row);
    std::fill(row + x.cols, row + groups_ * kGroup, std::uint8_t{0});  // their weights are zero
  }
  const Int8Rows rows{memory.data(), x.rows, stride, scales};
  for (std::int64_t n = 0; n < out.cols; n += kPanel) {
    const Int8Panel panel{
        reinterpret_cast<const std::int8_t*>(packed_.data()) + n * groups_ * kGroup, groups_,
        &scales_[n], &corrections_[n], bias == nullptr ? nullptr : bias + n};
    kernels_.multiply_int8(rows, panel, out.columns(n, std::min(kPanel, out.cols - n)));
  }
}

}  // namespace valence::cpu
