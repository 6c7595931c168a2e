// Cutting a text's tokens into windows that the model can take.
#pragma once

#include <cstddef>
#include <vector>

#include "valence/classifier.h"

namespace valence {

// Tokens [begin, end) of a text, special tokens not counted.
struct Window {
  std::size_t begin;
  std::size_t end;
};

struct WindowPlan {
  std::vector<Window> windows;  // empty: the text is refused (LongText::kError)
  bool truncated = false;
};

// `tokens` of a text into windows of at most `capacity` (at least 1) tokens. Overlapping windows
// begin every capacity - overlap tokens and the last one ends with the text, as Hugging Face
// tokenizers cut with `stride`; an overlap of more than half a window is cut down to that.
WindowPlan plan_windows(std::size_t tokens, std::size_t capacity, LongText policy,
                        std::size_t overlap);

}  // namespace valence
