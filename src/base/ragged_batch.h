// The only form of a batch: the tokens of all sequences in one row, with no padding anywhere.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace valence {

// Sequence i is tokens [offsets[i], offsets[i + 1]) of `ids` and `type_ids`; offsets has one entry
// more than there are sequences and starts with 0. No sequence is empty.
struct RaggedBatch {
  std::vector<std::int32_t> ids;
  std::vector<std::uint8_t> type_ids;
  std::vector<std::int32_t> offsets{0};

  std::size_t sequences() const { return offsets.size() - 1; }
  std::size_t tokens() const { return ids.size(); }

  void append(std::span<const std::int32_t> sequence_ids,
              std::span<const std::uint8_t> sequence_types) {
    ids.insert(ids.end(), sequence_ids.begin(), sequence_ids.end());
    type_ids.insert(type_ids.end(), sequence_types.begin(), sequence_types.end());
    offsets.push_back(static_cast<std::int32_t>(ids.size()));
  }
};

}  // namespace valence
