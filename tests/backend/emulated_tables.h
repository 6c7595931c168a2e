// Tables of kernels whose instructions this processor has but for a few, which are emulated.
#pragma once

#include <vector>

#include "backend/cpu/kernels.h"

namespace valence::cpu {

// From the first call on, an instruction of AVX-VNNI or AMX that is unknown to this processor and
// so ends in a signal (SIGILL) is carried out in software, as Intel's manual describes it, on the
// registers and the memory of the thread that it interrupted: what runs is the tables' own code,
// decoded byte by byte. Empty where the rest of it cannot run, or nothing has to be emulated.
std::vector<const Kernels*> emulated_tables();

}  // namespace valence::cpu
