// A set of strings with a number each, walked byte by byte.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace valence {

// Nodes are numbers, the root is 0. Edges lie in one hash table, so a step is one probe. Immutable
// once filled.
class ByteTrie {
 public:
  static constexpr std::int32_t kNone = -1;

  // `key` is not empty. A later value of the same key replaces an earlier one.
  void insert(std::string_view key, std::int32_t value);

  // The node reached from `node` by one byte, or kNone.
  std::int32_t step(std::int32_t node, unsigned char byte) const {
    if (edges_.empty()) return kNone;
    const std::uint64_t key = key_of(node, byte);
    for (std::size_t slot = slot_of(key);; slot = (slot + 1) & (edges_.size() - 1)) {
      if (edges_[slot].key == key) return edges_[slot].node;
      if (edges_[slot].key == kFree) return kNone;
    }
  }

  // The value of the string that leads to the node, or kNone.
  std::int32_t value(std::int32_t node) const { return values_[static_cast<std::size_t>(node)]; }

 private:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};
  struct Edge {
    std::uint64_t key;
    std::int32_t node;
  };

  static std::uint64_t key_of(std::int32_t node, unsigned char byte) {
    return (static_cast<std::uint64_t>(node) << 8) | byte;
  }
  std::size_t slot_of(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 20) & (edges_.size() - 1);
  }
  void grow();
  void place(Edge edge);

  std::vector<Edge> edges_;  // open addressing, a power of two, at most half full
  std::vector<std::int32_t> values_{kNone};
};

}  // namespace valence
