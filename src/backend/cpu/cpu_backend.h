// The CPU backend: float arithmetic over weights that stay as they lie in the model file.
#pragma once

#include <memory>

#include "backend/backend.h"

namespace valence {

// Weights are not copied: each matrix product decodes the weight rows that it is about to use (F16,
// BF16, Q8_0) or reads them in place (F32). The instruction set is chosen once, here
// (backend/cpu/kernels.h).
std::unique_ptr<Backend> make_cpu_backend();

}  // namespace valence
