// A weight matrix of the CPU backend: a view of the model file's bytes.
#pragma once

#include <cstdint>
#include <span>

#include "backend/backend.h"
#include "backend/cpu/kernels.h"
#include "base/tensor.h"

namespace valence::cpu {

class CpuMatrix : public WeightMatrix {
 public:
  // Throws Error(kUnsupported) for Q8_0 rows that are not a whole number of blocks.
  CpuMatrix(const Kernels& kernels, const Tensor& tensor);

  // Row `index` as floats: in place where the file has aligned floats, else decoded into `scratch`
  // (of in() floats).
  const float* row(std::int64_t index, std::span<float> scratch) const;

 private:
  const Kernels& kernels_;
  DType type_;
  std::int64_t row_bytes_;
  const std::byte* data_;
  bool in_place_;
};

}  // namespace valence::cpu
