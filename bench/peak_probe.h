// What this processor can do at most: loops of nothing but the instructions that do the work.
#pragma once

#include <string_view>

#include "backend/cpu/packed_matrix.h"

namespace valence {

// Products a second of one thread in a format, each counted as two operations (a multiplication and
// an addition), with the instructions of an instruction set of backend/cpu/kernels.h; 0 where there
// is no probe for it. The best of short runs within about `seconds`.
double probe_peak(cpu::Format format, std::string_view isa, double seconds);

}  // namespace valence
