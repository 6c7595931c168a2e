#include "engine/windows.h"

#include <algorithm>

namespace valence {

WindowPlan plan_windows(std::size_t tokens, std::size_t capacity, LongText policy,
                        std::size_t overlap) {
  if (tokens <= capacity) return {{{0, tokens}}, false};
  if (policy == LongText::kError) return {{}, true};
  if (policy == LongText::kTruncate) return {{{0, capacity}}, true};
  const std::size_t step = capacity - std::min(overlap, capacity / 2);
  WindowPlan plan;
  for (std::size_t begin = 0;; begin += step) {
    const std::size_t end = std::min(begin + capacity, tokens);
    plan.windows.push_back({begin, end});
    if (end == tokens) return plan;
  }
}

}  // namespace valence
