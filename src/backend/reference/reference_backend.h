// The plain backend: every other one must give its numbers.
#pragma once

#include <memory>

#include "backend/backend.h"

namespace valence {

// Textbook loops with sums in double precision on one thread. Slow on purpose; never optimise it.
std::unique_ptr<Backend> make_reference_backend(Precision precision);

}  // namespace valence
