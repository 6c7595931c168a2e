// A matrix as it lies in the model file, read row by row: the tables of embeddings.
#pragma once

#include <cstdint>
#include <span>

#include "backend/backend.h"
#include "backend/cpu/kernels.h"
#include "base/tensor.h"

namespace valence::cpu {

// A view of the file's bytes. Rows are decoded as they are used (F16, BF16, Q8_0) or read in place
// (F32).
class Table : public WeightMatrix {
 public:
  // Throws Error(kUnsupported) for Q8_0 rows that are not a whole number of blocks.
  Table(const Kernels& kernels, const Tensor& tensor);

  // Row `index` as floats: in place where the file has aligned floats, else decoded into `scratch`
  // (of in() floats).
  const float* row(std::int64_t index, std::span<float> scratch) const;

  // A row that is asked for soon: brings its bytes nearer.
  void prefetch(std::int64_t index) const;

 private:
  const Kernels& kernels_;
  DType type_;
  std::int64_t row_bytes_;
  const std::byte* data_;
  bool in_place_;
};

}  // namespace valence::cpu
