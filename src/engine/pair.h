// Cutting a pair of texts to what the model can take.
#pragma once

#include <cstddef>
#include <utility>

#include "text/tokenizer.h"

namespace valence {

// How many tokens of texts of `first` and `second` tokens are kept so that there are at most
// `capacity`: of the longer one tokens go until both are equally long, then of both. The numbers of
// Hugging Face tokenizers' "longest_first".
std::pair<std::size_t, std::size_t> pair_lengths(std::size_t first, std::size_t second,
                                                 std::size_t capacity);

// Cuts both to those lengths, from their ends, or from their beginnings where `keep_end`.
void cut_pair(Encoding& first, Encoding& second, std::size_t capacity, bool keep_end);

}  // namespace valence
