// What every instruction set's file includes before its target region: a header that came inside
// the region would leak wide instructions into functions shared with the rest of the program.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "backend/activation.h"
#include "backend/cpu/kernels.h"
#include "base/half.h"
#include "base/matrix.h"
#include "base/tensor.h"

namespace valence::cpu {

extern const Kernels kBaselineKernels;  // SSE2 or NEON: what every 64-bit processor has
#if defined(__x86_64__)
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
#endif

}  // namespace valence::cpu
