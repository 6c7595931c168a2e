// The processors that this process may use.
#pragma once

#include <cstddef>

namespace valence {

// How many: affinity mask and the container's CPU quota respected. At least 1.
std::size_t available_processors();

// Keeps the calling thread on processor number `index` of those in the affinity mask; numbers wrap
// around. Without effect where the system refuses.
void stay_on_processor(std::size_t index);

// Of the processor's second-level cache; 0 where the system does not say.
std::size_t second_level_cache_bytes();

}  // namespace valence
