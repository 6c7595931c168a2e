#include "engine/pair.h"

#include <algorithm>

namespace valence {
namespace {

template <typename T>
void keep(std::vector<T>& values, std::size_t count, bool keep_end) {
  const auto drop = static_cast<std::ptrdiff_t>(values.size() - count);
  if (keep_end)
    values.erase(values.begin(), values.begin() + drop);
  else
    values.resize(count);
}

void cut(Encoding& text, std::size_t count, bool keep_end) {
  keep(text.ids, count, keep_end);
  keep(text.offsets, count, keep_end);
  keep(text.type_ids, count, keep_end);
}

}  // namespace

std::pair<std::size_t, std::size_t> pair_lengths(std::size_t first, std::size_t second,
                                                 std::size_t capacity) {
  if (first + second <= capacity) return {first, second};
  const std::size_t half = capacity / 2;
  const std::size_t shorter = std::min(first, second);
  // The shorter one stays whole where it takes no more than half; of two that are cut, the longer
  // one gets the odd token, the second where they are equal.
  const std::size_t kept_shorter = std::min(shorter, half);
  const std::size_t kept_longer = capacity - kept_shorter;
  if (first > second) return {kept_longer, kept_shorter};
  return {kept_shorter, kept_longer};
}

void cut_pair(Encoding& first, Encoding& second, std::size_t capacity, bool keep_end) {
  const auto [kept_first, kept_second] = pair_lengths(first.size(), second.size(), capacity);
  cut(first, kept_first, keep_end);
  cut(second, kept_second, keep_end);
}

}  // namespace valence
