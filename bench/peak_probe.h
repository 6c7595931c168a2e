// What this processor can do at most: loops of nothing but the instruction that does the work.
#pragma once

#include <string_view>

namespace valence {

// Products of bytes a second of one thread, each counted as two operations (a multiplication and an
// addition), for an instruction set of backend/cpu/kernels.h; 0 where there is no probe for it.
// Takes about `seconds`.
double probe_int8(std::string_view isa, double seconds);

}  // namespace valence
