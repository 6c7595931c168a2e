// What splitters and replacers look for in a text.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace valence {

// Bytes [begin, end) of a text that match, or that lie between matches.
struct Match {
  std::size_t begin;
  std::size_t end;
  bool is_match;
};

// Cuts the whole text into matches and what lies between them, in order. An empty text gives one
// empty part.
class Pattern {
 public:
  virtual ~Pattern() = default;
  virtual std::vector<Match> find(std::string_view text) const = 0;  // thread-safe
};

// {"String": "..."} or {"Regex": "..."} of a tokenizer.json; a plain string is a String.
std::unique_ptr<Pattern> read_pattern(const JsonRef& json);

// A regular expression in Oniguruma's syntax. Throws Error(kUnsupported) for what cannot be
// translated, naming the place.
std::unique_ptr<Pattern> make_regex(std::string_view expression, std::string_view where);

// The code points that a predicate holds for, each a match of its own.
template <typename Predicate>
std::vector<Match> find_code_points(std::string_view text, Predicate predicate);

enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };
SplitBehavior read_split_behavior(const JsonRef& json);

// Joins parts as the behaviour says; of what it returns, is_match marks the parts to drop.
std::vector<Match> apply_behavior(std::vector<Match> parts, SplitBehavior behavior);

}  // namespace valence

#include "text/pattern.inl"
