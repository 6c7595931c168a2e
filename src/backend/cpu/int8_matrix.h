// A weight matrix of 8-bit integers with one scale an output, packed for the kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "backend/cpu/file_matrix.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/product_matrix.h"
#include "backend/cpu/scratch.h"

namespace valence::cpu {

// W[n][k] is about scale[n] * q[n][k] with |q| <= 127 and scale[n] = max |W[n]| / 127. Rows of x
// are quantized the same way as they come, each with a scale of its own; the sums are exact
// integers.
class Int8Matrix : public ProductMatrix {
 public:
  Int8Matrix(const Kernels& kernels, const FileMatrix& matrix);

  void multiply(ConstMatrix x, const float* bias, Matrix out) const override;

 private:
  const Kernels& kernels_;
  std::int64_t groups_;                    // of kGroup inputs, the last one filled up with zeros
  AlignedBytes packed_;                    // [panel][group][kPanel][kGroup]
  std::vector<float> scales_;              // by output, filled up to whole panels
  std::vector<std::int32_t> corrections_;  // what an activation of zero adds, by output
};

}  // namespace valence::cpu
