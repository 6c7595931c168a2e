#include "backend/cpu/packed_matrix.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "backend/cpu/scratch.h"

namespace valence::cpu {
namespace {

std::int64_t element_bytes(Format format) {
  switch (format) {
    case Format::kInt8:
      return 1;
    case Format::kBf16:
      return 2;
    case Format::kF32:
      return 4;
  }
  return 4;
}

}  // namespace

PackedMatrix::PackedMatrix(const Kernels& kernels, Format format, const Table& matrix,
                           std::span<const std::int32_t> outliers, WeightMemory& memory)
    : WeightMatrix(matrix.out(), matrix.in(), format == Format::kF32),
      kernels_(kernels),
      format_(format) {
  if (format == Format::kInt8) outliers_ = OutlierColumns(outliers, in());
  groups_ = whole(columns() * element_bytes(format), kGroupBytes) / kGroupBytes;
  const std::int64_t outputs = whole(out(), kPanel);
  const std::int64_t panel_bytes = groups_ * kPanel * kGroupBytes;
  packed_ = memory.take(static_cast<std::size_t>(outputs / kPanel * panel_bytes));
  if (format == Format::kInt8) {
    scales_.resize(static_cast<std::size_t>(outputs));
    sums_.resize(static_cast<std::size_t>(outputs));
  }
  std::vector<float> scratch(static_cast<std::size_t>(in()));
  std::vector<float> values(static_cast<std::size_t>(columns()));
  std::vector<std::byte> row(static_cast<std::size_t>(groups_ * kGroupBytes));
  for (std::int64_t n = 0; n < out(); ++n) {
    outliers_.copy({matrix.row(n, scratch), scratch.size()}, values);
    pack_row(n, values, row);
    std::byte* column = packed_ + n / kPanel * panel_bytes + n % kPanel * kGroupBytes;
    for (std::int64_t g = 0; g < groups_; ++g)
      std::memcpy(column + g * kPanel * kGroupBytes, &row[g * kGroupBytes], kGroupBytes);
  }
}

void PackedMatrix::pack_row(std::int64_t index, std::span<const float> values,
                            std::span<std::byte> row) {
  switch (format_) {
    case Format::kInt8:
      scales_[index] = kernels_.quantize_weights(values, row.data());
      sums_[index] = std::accumulate(row.begin(), row.end(), 0, [](int sum, std::byte byte) {
        return sum + static_cast<std::int8_t>(byte);
      });
      break;
    case Format::kBf16:
      kernels_.round_bf16(values, row.data());
      break;
    case Format::kF32:
      std::memcpy(row.data(), values.data(), values.size_bytes());
      break;
  }
}

Quantized PackedMatrix::quantize(std::span<const float> x, std::span<std::byte> row) const {
  const Quantized quantized = kernels_.quantize(x, outliers_.shares(), row.data());
  if (!outliers_.empty()) outliers_.divide(x, quantized, kernels_.signed_bytes, row);
  return quantized;
}

PackedRows PackedMatrix::pack(ConstMatrix x) const {
  PackedRows rows;
  rows.rows = x.rows;
  if (format_ == Format::kF32) {
    rows.data = reinterpret_cast<const std::byte*>(x.data);
    rows.stride = x.stride * static_cast<std::int64_t>(sizeof(float));
    return rows;
  }
  rows.stride = whole(groups_ * kGroupBytes, static_cast<std::int64_t>(kCacheLine));
  constexpr auto kExtra = static_cast<std::int64_t>(sizeof(float) + sizeof(std::int32_t));
  std::byte* memory =
      thread_scratch<std::byte>(Scratch::kPacked, x.rows * (rows.stride + kExtra)).data();
  auto* scales = reinterpret_cast<float*>(memory + x.rows * rows.stride);
  auto* zeros = reinterpret_cast<std::int32_t*>(scales + x.rows);
  const std::int64_t used = columns() * element_bytes(format_);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    std::byte* row = memory + r * rows.stride;
    if (format_ == Format::kInt8) {
      const Quantized quantized =
          quantize(x.row_span(r), {row, static_cast<std::size_t>(rows.stride)});
      scales[r] = quantized.scale;
      zeros[r] = quantized.zero;
    } else {
      kernels_.round_bf16(x.row_span(r), row);
    }
    // Their weights are zero; a NaN would spoil that.
    std::fill(row + used, row + groups_ * kGroupBytes, std::byte{0});
  }
  rows.data = memory;
  rows.scales = scales;
  rows.zeros = zeros;
  return rows;
}

void PackedMatrix::multiply(const PackedRows& x, const Addends& addends, Share outputs,
                            Matrix out) const {
  const Multiply kernel = format_ == Format::kInt8   ? kernels_.multiply_int8
                          : format_ == Format::kBf16 ? kernels_.multiply_bf16
                                                     : kernels_.multiply_f32;
  for (std::int64_t n = outputs.begin; n < outputs.end; n += kPanel) {
    PackedPanel panel{packed_ + n * groups_ * kGroupBytes, groups_, nullptr, nullptr};
    if (format_ == Format::kInt8) {
      panel.scales = &scales_[n];
      panel.sums = &sums_[n];
    }
    Addends part = addends;
    if (part.bias != nullptr) part.bias += n;
    if (part.residual != nullptr) part.residual += n;
    kernel(x, panel, part, out.columns(n, std::min(kPanel, outputs.end - n)));
  }
}

}  // namespace valence::cpu
