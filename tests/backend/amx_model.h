// The products of isa/tile_products.inl over tiles in software, so that they run on any machine.
// All else is plain C++.
#pragma once

#include "backend/cpu/kernels.h"

namespace valence::cpu {

extern const Kernels kAmxModelKernels;

}  // namespace valence::cpu
