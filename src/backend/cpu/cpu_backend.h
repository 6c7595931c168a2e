// The CPU backend: 8-bit integers or floats, with the instruction set that suits the processor.
#pragma once

#include <memory>

#include "backend/backend.h"

namespace valence {

// Matrices stay as they lie in the file (file_matrix.h), but those of layers that are multiplied in
// int8 are packed when they are loaded (int8_matrix.h). The instruction set is chosen once, here
// (kernels.h).
std::unique_ptr<Backend> make_cpu_backend(Precision precision);

}  // namespace valence
