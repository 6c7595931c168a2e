// A weight matrix that the CPU backend can multiply with.
#pragma once

#include <cstdint>

#include "backend/backend.h"
#include "base/matrix.h"

namespace valence::cpu {

class ProductMatrix : public WeightMatrix {
 public:
  // out = x W^T + bias, for all rows of x and all outputs; `bias` may be null. Runs on the calling
  // thread. A row of the result has the same bits whatever rows stand beside it.
  virtual void multiply(ConstMatrix x, const float* bias, Matrix out) const = 0;

 protected:
  using WeightMatrix::WeightMatrix;
};

}  // namespace valence::cpu
