// The counts of a vocabulary the other way round: by body of text, for going through whole bodies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "trends/vocabulary_counts.h"

namespace valence {

class TermsByBody {
 public:
  // `counts` outlives it, and does not change. Bodies have numbers below `bodies`.
  TermsByBody(const VocabularyCounts& counts, std::size_t bodies);

  std::size_t size() const { return terms_.size(); }
  std::string_view term(std::size_t index) const { return terms_[index]; }

  // sums[i] += how often term i stands in the bodies from `first` to `last`; sums has size().
  void add(std::uint32_t first, std::uint32_t last, std::vector<std::uint64_t>& sums) const;

 private:
  struct Entry {
    std::uint32_t term = 0, count = 0;
  };
  std::vector<std::string_view> terms_;
  std::vector<std::size_t> ends_;  // of the bodies' entries
  std::vector<Entry> entries_;     // body by body
};

}  // namespace valence
