#include "trends/vocabulary_counts.h"

#include <algorithm>
#include <limits>

namespace valence {
namespace {

using Entry = std::pair<std::uint32_t, std::uint32_t>;

bool is_before(const Entry& entry, std::uint32_t body) {
  return entry.first < body;
}

}  // namespace

void VocabularyCounts::add(std::string_view term, std::span<const std::uint32_t> bodies) {
  auto found = terms_.find(term);
  if (found == terms_.end()) {
    if (terms_.size() >= most_) forget();
    found = terms_.emplace(term, Counts()).first;
  }
  for (const std::uint32_t body : bodies) count(found->second, body);
}

void VocabularyCounts::count(Counts& counts, std::uint32_t body) {
  // Rows mostly come in the order of time, as bodies are numbered.
  auto place = !counts.empty() && counts.back().first <= body
                   ? counts.end() - (counts.back().first == body ? 1 : 0)
                   : std::lower_bound(counts.begin(), counts.end(), body, is_before);
  if (place == counts.end() || place->first != body) place = counts.insert(place, {body, 0});
  ++place->second;
}

std::uint64_t VocabularyCounts::count_in(const Counts& counts, std::uint32_t first,
                                         std::uint32_t last) {
  std::uint64_t sum = 0;
  for (auto it = std::lower_bound(counts.begin(), counts.end(), first, is_before);
       it != counts.end() && it->first <= last; ++it)
    sum += it->second;
  return sum;
}

void VocabularyCounts::keep_at_least(std::uint64_t count) {
  const auto all = std::numeric_limits<std::uint32_t>::max();
  absl::erase_if(terms_, [&](const auto& term) { return count_in(term.second, 0, all) < count; });
}

void VocabularyCounts::forget() {
  forgot_ = true;
  for (std::uint64_t least = 2; terms_.size() > most_ / 2; least *= 2) keep_at_least(least);
}

}  // namespace valence
