// A hash map from numbers, in one array.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace valence {

// Open addressing; a key is never taken out. The largest key of all must not be used.
template <typename Value>
class FlatMap {
 public:
  bool is_empty() const { return size_ == 0; }

  const Value* find(std::uint64_t key) const {
    if (slots_.empty()) return nullptr;
    const Slot& slot = slots_[slot_of(key)];
    return slot.key == key ? &slot.value : nullptr;
  }

  void insert_or_assign(std::uint64_t key, Value value) {
    if (2 * size_ >= slots_.size()) grow();
    Slot& slot = slots_[slot_of(key)];
    if (slot.key == kFree) ++size_;
    slot = {key, std::move(value)};
  }

 private:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};
  static constexpr std::size_t kFirstSlots = 1024;
  struct Slot {
    std::uint64_t key = kFree;
    Value value{};
  };

  // Where the key is, or where it would go.
  std::size_t slot_of(std::uint64_t key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 20) & mask;
    while (slots_[slot].key != key && slots_[slot].key != kFree) slot = (slot + 1) & mask;
    return slot;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? kFirstSlots : 2 * slots_.size());
    old.swap(slots_);
    for (Slot& slot : old)
      if (slot.key != kFree) slots_[slot_of(slot.key)] = std::move(slot);
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t size_ = 0;
};

}  // namespace valence
