#include "engine/batcher.h"

#include <algorithm>
#include <numeric>

namespace valence {
std::vector<std::vector<std::size_t>> cut_batches(std::span<const std::size_t> lengths,
                                                  std::size_t budget) {
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });
  std::vector<std::vector<std::size_t>> batches;
  std::size_t used = budget;
  for (const std::size_t index : order) {
    if (batches.empty() || used + lengths[index] > budget) {
      batches.emplace_back();
      used = 0;
    }
    batches.back().push_back(index);
    used += lengths[index];
  }
  return batches;
}

std::size_t token_budget(std::size_t tokens, std::size_t threads, std::size_t most) {
  return std::clamp((tokens + threads - 1) / threads, std::size_t{1}, most);
}

}  // namespace valence
