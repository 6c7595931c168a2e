// The tokens of words that were met before.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "text/byte_block.h"
#include "text/tokenizer.h"

namespace valence {

// A short word, filled up with zeros, and its length in the last byte; or none.
struct WordKey {
  static constexpr std::size_t kBlocks = 3;
  static constexpr std::size_t kMaxBytes = kBlocks * kBlock - 1;

  // Bytes [begin, end) of the text, where begin < end, each block of them changed by map(block).
  // None where they are too many.
  template <typename Map>
  static WordKey of(std::string_view text, std::size_t begin, std::size_t end, Map map) {
    WordKey key;
    const std::uint64_t length = end - begin;
    if (length > kMaxBytes) return key;
    for (std::uint64_t* block = key.blocks.data();; ++block, begin += kBlock) {
      *block = map(load_block(text, begin));
      if (end - begin > kBlock) continue;
      *block &= ~std::uint64_t{0} >> (8 * (kBlock - (end - begin)));
      break;
    }
    key.blocks.back() |= length << 56;
    return key;
  }
  static WordKey of(std::string_view text, std::size_t begin, std::size_t end) {
    return of(text, begin, end, [](std::uint64_t block) { return block; });
  }

  bool is_none() const { return blocks.back() == 0; }
  bool operator==(const WordKey& other) const {  // faster than that of std::array
    std::uint64_t difference = 0;
    for (std::size_t i = 0; i < kBlocks; ++i) difference |= blocks[i] ^ other.blocks[i];
    return difference == 0;
  }

  std::array<std::uint64_t, kBlocks> blocks{};
};

// A hash table of fixed size that keeps what comes first: words are few, and the frequent ones come
// early. Any number of threads may read and add at once.
class WordCache {
 public:
  WordCache() : slots_(std::make_unique<Slot[]>(kSlots)) {}

  // Appends the tokens of the word that starts at byte `begin`: what is known, or else what make()
  // appends, which is kept. A word without a key is always made.
  template <typename Make>
  void append(const WordKey& key, std::size_t begin, Encoding& out, Make make) {
    if (key.is_none()) return make();
    const auto from = static_cast<std::uint32_t>(begin);
    if (append_known(key, from, out)) return;
    const std::size_t first = out.ids.size();
    make();
    add(key, from, out, first);
  }

 private:
  static constexpr std::size_t kSlotBits = 16;
  static constexpr std::size_t kProbes = 8;
  static constexpr std::size_t kSlots = (std::size_t{1} << kSlotBits) + kProbes;
  static constexpr std::size_t kMaxTokens = 6;

  // A slot is written once, by the thread that has turned it from empty to claimed; what is in it
  // may be read when it is filled.
  enum class State : std::uint8_t { kEmpty, kClaimed, kFilled };
  struct alignas(64) Slot {
    WordKey key;
    std::array<std::int32_t, kMaxTokens> ids{};
    std::array<std::uint8_t, kMaxTokens> begins{}, ends{};
    std::uint8_t count = 0;
    std::atomic<State> state{State::kEmpty};
  };

  bool append_known(const WordKey& key, std::uint32_t begin, Encoding& out) const {
    const Slot* slot = &slots_[slot_of(key)];
    for (std::size_t i = 0; i < kProbes; ++i, ++slot) {
      if (slot->state.load(std::memory_order_acquire) != State::kFilled) return false;
      if (!(slot->key == key)) continue;
      for (std::size_t token = 0; token < slot->count; ++token) {
        out.ids.push_back(slot->ids[token]);
        out.offsets.push_back({begin + slot->begins[token], begin + slot->ends[token]});
      }
      return true;
    }
    return false;
  }

  // Keeps the tokens of `encoding` from `first` on. Does nothing where they are too many, or where
  // there is no room.
  void add(const WordKey& key, std::uint32_t begin, const Encoding& encoding, std::size_t first);

  static std::size_t slot_of(const WordKey& key) {
    const std::uint64_t sum = key.blocks[0] * 0x9E3779B97F4A7C15 +
                              key.blocks[1] * 0xC2B2AE3D27D4EB4F +
                              key.blocks[2] * 0x165667B19E3779F9;
    return static_cast<std::size_t>(((sum ^ (sum >> 32)) * 0xD6E8FEB86659FD93) >> (64 - kSlotBits));
  }

  std::unique_ptr<Slot[]> slots_;
};

}  // namespace valence
