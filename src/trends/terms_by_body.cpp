#include "trends/terms_by_body.h"

#include <numeric>

namespace valence {

TermsByBody::TermsByBody(const VocabularyCounts& counts, std::size_t bodies) : ends_(bodies) {
  for (const auto& [term, entries] : counts.terms())
    for (const auto& [body, count] : entries) ++ends_[body];
  std::exclusive_scan(ends_.begin(), ends_.end(), ends_.begin(), std::size_t{0});
  std::size_t all = 0;
  for (const auto& [term, entries] : counts.terms()) all += entries.size();
  entries_.resize(all);
  terms_.reserve(counts.terms().size());
  for (const auto& [term, entries] : counts.terms()) {
    const auto index = static_cast<std::uint32_t>(terms_.size());
    for (const auto& [body, count] : entries) entries_[ends_[body]++] = {index, count};
    terms_.push_back(term);
  }
}

void TermsByBody::add(std::uint32_t first, std::uint32_t last,
                      std::vector<std::uint64_t>& sums) const {
  const std::size_t begin = first == 0 ? 0 : ends_[first - 1];
  for (std::size_t i = begin; i < ends_[last]; ++i) sums[entries_[i].term] += entries_[i].count;
}

}  // namespace valence
