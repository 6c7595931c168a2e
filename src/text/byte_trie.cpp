#include "text/byte_trie.h"

namespace valence {

void ByteTrie::insert(std::string_view key, std::int32_t value) {
  std::int32_t node = 0;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    std::int32_t next = step(node, byte);
    if (next == kNone) {
      next = static_cast<std::int32_t>(values_.size());
      values_.push_back(kNone);
      edges_.insert_or_assign(key_of(node, byte), next);
    }
    node = next;
  }
  values_[static_cast<std::size_t>(node)] = value;
}

}  // namespace valence
