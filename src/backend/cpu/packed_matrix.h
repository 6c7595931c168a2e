// A weight matrix packed for the kernels.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backend/backend.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/outlier_columns.h"
#include "backend/cpu/table.h"
#include "backend/cpu/weight_memory.h"

namespace valence::cpu {

// How factors are kept and multiplied.
enum class Format {
  // W[n][k] is about scale[n] * q[n][k] with |q| <= 127 and scale[n] = max |W[n]| / 127. Rows of x
  // are quantized as they come, each with a scale and a zero of its own.
  kInt8,
  kBf16,  // both factors rounded to bfloat16
  kF32,
};

static_assert(kOutputPanel % kPanel == 0);

class PackedMatrix : public WeightMatrix {
 public:
  PackedMatrix(const Kernels& kernels, Format format, const Table& matrix,
               std::span<const std::int32_t> outliers, WeightMemory& memory);

  Format format() const { return format_; }

  // Whether pack() gives the same rows as that of `other`, which has as many inputs.
  bool packs_like(const PackedMatrix& other) const {
    return format_ == other.format_ && outliers_ == other.outliers_;
  }

  // Rows of x as this matrix takes them: in memory of the calling thread, valid until its next
  // call, or x itself.
  PackedRows pack(ConstMatrix x) const;

  // Outputs of out = x W^T + addends, from a whole panel on, for rows that this matrix or one that
  // packs_like() it has packed. Runs on the calling thread. A row of the result has the same bits
  // whatever rows stand beside it.
  void multiply(const PackedRows& x, const Addends& addends, Share outputs, Matrix out) const;

 private:
  std::int64_t columns() const { return in() + outliers_.copies(); }
  void pack_row(std::int64_t index, std::span<const float> values, std::span<std::byte> row);
  Quantized quantize(std::span<const float> x, std::span<std::byte> row) const;

  const Kernels& kernels_;
  Format format_;
  OutlierColumns outliers_;  // in int8
  std::int64_t groups_;      // of columns, the last one filled up with zeros
  std::byte* packed_;        // [panel][groups_][kPanel][kGroupBytes]
  // In int8, by output, filled up to whole panels.
  std::vector<float> scales_;
  std::vector<std::int32_t> sums_;
};

}  // namespace valence::cpu
