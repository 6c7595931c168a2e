#include "text/pattern.h"

#include <algorithm>
#include <array>
#include <utility>

#include "valence/error.h"

namespace valence {
namespace {

// Finds a fixed string. The empty string matches between all code points, as an empty regular
// expression does, so it is left to one.
class Literal final : public Pattern {
 public:
  explicit Literal(std::string text) : needle_(std::move(text)) {}

  std::vector<Match> find(std::string_view text) const override {
    if (text.empty()) return {{0, 0, false}};
    std::vector<Match> out;
    std::size_t rest = 0;
    for (std::size_t at = text.find(needle_); at != std::string_view::npos;
         at = text.find(needle_, rest)) {
      if (rest < at) out.push_back({rest, at, false});
      rest = at + needle_.size();
      out.push_back({at, rest, true});
    }
    if (rest < text.size()) out.push_back({rest, text.size(), false});
    return out;
  }

 private:
  std::string needle_;
};

// Grows the part before while `joins(part, part before)`, walking in the given direction.
template <typename Parts, typename Join>
std::vector<Match> fold(const Parts& parts, bool forward, Join joins) {
  std::vector<Match> out;
  bool previous = false;
  for (const Match& part : parts) {
    if (!out.empty() && joins(part.is_match, previous)) {
      (forward ? out.back().end : out.back().begin) = forward ? part.end : part.begin;
    } else {
      out.push_back({part.begin, part.end, false});
    }
    previous = part.is_match;
  }
  return out;
}

}  // namespace

std::unique_ptr<Pattern> read_pattern(const JsonRef& json) {
  if (json.is_string()) return std::make_unique<Literal>(json.string());
  if (const auto text = json.find("String")) {
    const std::string needle = text->string();
    if (needle.empty()) return make_regex("", text->path());
    return std::make_unique<Literal>(needle);
  }
  if (const auto regex = json.find("Regex")) return make_regex(regex->string(), regex->path());
  json.fail("expected {\"String\": ...} or {\"Regex\": ...}");
}

SplitBehavior read_split_behavior(const JsonRef& json) {
  static constexpr auto kNames = std::to_array<std::pair<std::string_view, SplitBehavior>>({
      {"Removed", SplitBehavior::kRemoved},
      {"Isolated", SplitBehavior::kIsolated},
      {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
      {"MergedWithNext", SplitBehavior::kMergedWithNext},
      {"Contiguous", SplitBehavior::kContiguous},
  });
  const std::string name = json.string();
  const auto* const found = std::find_if(kNames.begin(), kNames.end(),
                                         [&](const auto& row) { return row.first == name; });
  if (found == kNames.end())
    throw Error(ErrorCode::kUnsupported,
                json.path() + ": the behaviour \"" + name + "\" is not known");
  return found->second;
}

std::vector<Match> apply_behavior(std::vector<Match> parts, SplitBehavior behavior) {
  switch (behavior) {
    case SplitBehavior::kRemoved:
      return parts;
    case SplitBehavior::kIsolated:
      for (Match& part : parts) part.is_match = false;
      return parts;
    case SplitBehavior::kContiguous:
      return fold(parts, true, [](bool match, bool previous) { return match == previous; });
    case SplitBehavior::kMergedWithPrevious:
      return fold(parts, true, [](bool match, bool previous) { return match && !previous; });
    case SplitBehavior::kMergedWithNext: {
      std::reverse(parts.begin(), parts.end());
      auto out = fold(parts, false, [](bool match, bool previous) { return match && !previous; });
      std::reverse(out.begin(), out.end());
      return out;
    }
  }
  return parts;
}

}  // namespace valence
