// The special tokens around a text, and the trimming of its tokens' offsets.
#pragma once

#include <cstdint>
#include <vector>

#include "base/json.h"

namespace valence {

// A place in the finished sequence: a special token, or all tokens of a text.
struct TemplateItem {
  std::int32_t id;  // of a special token, or kFirstText, kSecondText
  std::uint8_t type_id;
};
inline constexpr std::int32_t kFirstText = -1;
inline constexpr std::int32_t kSecondText = -2;

// Takes white space out of the offsets of a text's tokens.
struct OffsetTrim {
  bool keep_prefix_space;  // one leading space of the first token was inserted and is no one's
  bool at_start;           // whether the text's first token is the first of all
};

// What the pipeline's post_processor amounts to. Its processors are applied to one and to two texts
// once, when the tokenizer is made.
struct PostProcessor {
  std::vector<TemplateItem> single;
  std::vector<TemplateItem> pair;
  std::vector<OffsetTrim> trims;  // in order

  // Null json: nothing is added. Throws Error(kUnsupported) for an unknown type, Error(kCorrupt)
  // for a template that cannot be followed.
  explicit PostProcessor(const JsonRef& json);
};

std::size_t count_special(const std::vector<TemplateItem>& items);

}  // namespace valence
