// A set of strings with a number each, walked byte by byte.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/flat_map.h"

namespace valence {

// Nodes are numbers, the root is 0. Edges lie in one hash table, so a step is one probe. Immutable
// once filled.
class ByteTrie {
 public:
  static constexpr std::int32_t kNone = -1;

  // `key` is not empty. A later value of the same key replaces an earlier one.
  void insert(std::string_view key, std::int32_t value);

  bool is_empty() const { return edges_.is_empty(); }

  // The node reached from `node` by one byte, or kNone.
  std::int32_t step(std::int32_t node, unsigned char byte) const {
    const std::int32_t* next = edges_.find(key_of(node, byte));
    return next == nullptr ? kNone : *next;
  }

  // The value of the string that leads to the node, or kNone.
  std::int32_t value(std::int32_t node) const { return values_[static_cast<std::size_t>(node)]; }

 private:
  static std::uint64_t key_of(std::int32_t node, unsigned char byte) {
    return (static_cast<std::uint64_t>(node) << 8) | byte;
  }

  FlatMap<std::int32_t> edges_;
  std::vector<std::int32_t> values_{kNone};
};

}  // namespace valence
