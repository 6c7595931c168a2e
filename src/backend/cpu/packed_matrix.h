// A weight matrix packed for the kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "backend/backend.h"
#include "backend/cpu/kernels.h"
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

class PackedMatrix : public WeightMatrix {
 public:
  PackedMatrix(const Kernels& kernels, Format format, const Table& matrix, WeightMemory& memory);

  Format format() const { return format_; }

  // Rows of x as this matrix takes them: in memory of the calling thread, valid until its next
  // call, or x itself.
  PackedRows pack(ConstMatrix x) const;

  // out = x W^T + addends, for rows that a matrix of the same format and inputs has packed. Runs on
  // the calling thread. A row of the result has the same bits whatever rows stand beside it.
  void multiply(const PackedRows& x, const Addends& addends, Matrix out) const;

 private:
  void pack_row(std::int64_t index, std::span<const float> values, std::span<std::byte> row);

  const Kernels& kernels_;
  Format format_;
  std::int64_t groups_;  // of inputs, the last one filled up with zeros
  std::byte* packed_;    // [panel][groups_][kPanel][kGroupBytes]
  // In int8, by output, filled up to whole panels.
  std::vector<float> scales_;
  std::vector<std::int32_t> sums_;
};

}  // namespace valence::cpu
