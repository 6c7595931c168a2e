// Cutting sequences into batches by a budget of tokens.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace valence {

// Sequence numbers, grouped: each group holds at most `budget` tokens or a single sequence. The
// longest sequences come first, so that the last batches to finish are small, and neighbours are
// alike. `lengths` are in tokens.
std::vector<std::vector<std::size_t>> cut_batches(std::span<const std::size_t> lengths,
                                                  std::size_t budget);

// The budget for `tokens` in all on `threads` threads: as many batches as threads where that keeps
// them below `most` (NetworkShape::batch_tokens), else `most`. At least 1.
std::size_t token_budget(std::size_t tokens, std::size_t threads, std::size_t most);

}  // namespace valence
