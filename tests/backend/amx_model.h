// The matrix products of isa/tile_products.inl over tiles that are software: what AMX's table
// computes, on any machine.
#pragma once

#include "backend/cpu/kernels.h"

namespace valence::cpu {

// Products in int8 and bfloat16 throw std::logic_error where they use tiles as the processor does
// not allow. All else is plain C++.
extern const Kernels kAmxModelKernels;

// Whether the calling thread's tiles are released.
bool amx_model_is_released();

}  // namespace valence::cpu
