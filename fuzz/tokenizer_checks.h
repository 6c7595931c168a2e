// What must hold of every encoding, whatever the tokenizer and the text.
#pragma once

#include <cstdlib>
#include <string_view>

#include "text/tokenizer.h"

namespace valence::fuzz {

inline void require(bool condition) {
  if (!condition) std::abort();
}

// `ordered`: whether offsets must not go back; pipelines that insert or drop text without a trace
// need not keep order.
inline void check_encoding(const Tokenizer& tokenizer, std::string_view text, bool ordered) {
  const Encoding content = tokenizer.tokenize(text);
  require(content.offsets.size() == content.size() && content.type_ids.size() == content.size());
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    require(content.ids[i] >= 0 &&
            static_cast<std::size_t>(content.ids[i]) < tokenizer.vocabulary_size());
    const auto [begin, end] = content.offsets[i];
    require(begin <= end && end <= text.size());
    require(!ordered || begin >= last);
    last = begin;
  }
  const Encoding whole = tokenizer.with_specials(content, 0, content.size());
  require(whole.offsets.size() == whole.size() && whole.type_ids.size() == whole.size());
}

}  // namespace valence::fuzz
