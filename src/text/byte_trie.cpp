#include "text/byte_trie.h"

namespace valence {

void ByteTrie::insert(std::string_view key, std::int32_t value) {
  std::int32_t node = 0;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    std::int32_t next = step(node, byte);
    if (next == kNone) {
      if (2 * values_.size() >= edges_.size()) grow();
      next = static_cast<std::int32_t>(values_.size());
      values_.push_back(kNone);
      place({key_of(node, byte), next});
    }
    node = next;
  }
  values_[static_cast<std::size_t>(node)] = value;
}

void ByteTrie::grow() {
  std::vector<Edge> old(edges_.empty() ? 1024 : 2 * edges_.size(), Edge{kFree, kNone});
  old.swap(edges_);
  for (const Edge& edge : old)
    if (edge.key != kFree) place(edge);
}

void ByteTrie::place(Edge edge) {
  std::size_t slot = slot_of(edge.key);
  while (edges_[slot].key != kFree) slot = (slot + 1) & (edges_.size() - 1);
  edges_[slot] = edge;
}

}  // namespace valence
