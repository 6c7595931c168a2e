#include "text/word_cache.h"

#include <limits>

namespace valence {

void WordCache::add(const WordKey& key, std::uint32_t begin, const Encoding& encoding,
                    std::size_t first) {
  const std::size_t count = encoding.ids.size() - first;
  if (count > kMaxTokens) return;
  for (std::size_t i = first; i < encoding.ids.size(); ++i) {
    const TextSpan span = encoding.offsets[i];
    if (span.begin < begin || span.end - begin > std::numeric_limits<std::uint8_t>::max()) return;
  }
  Slot* slot = &slots_[slot_of(key)];
  for (std::size_t i = 0; i < kProbes; ++i, ++slot) {
    State expected = State::kEmpty;
    if (!slot->state.compare_exchange_strong(expected, State::kClaimed,
                                             std::memory_order_relaxed)) {
      if (expected == State::kClaimed) return;  // perhaps for this very word
      continue;
    }
    slot->key = key;
    slot->count = static_cast<std::uint8_t>(count);
    for (std::size_t token = 0; token < count; ++token) {
      const TextSpan span = encoding.offsets[first + token];
      slot->ids[token] = encoding.ids[first + token];
      slot->begins[token] = static_cast<std::uint8_t>(span.begin - begin);
      slot->ends[token] = static_cast<std::uint8_t>(span.end - begin);
    }
    slot->state.store(State::kFilled, std::memory_order_release);
    return;
  }
}

}  // namespace valence
