// What must hold of every encoding, whatever the tokenizer and the text.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "text/pipeline.h"
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

// The tokenizer's fast path, where it has one, against the general way through its pipeline. Twice:
// words come out of the cache the second time. Throws Error where the pipeline does.
inline void check_fast_path(const Pipeline& pipeline, const Tokenizer& tokenizer,
                            std::string_view text) {
  Encoding wanted;
  pipeline.tokenize(text, 0, static_cast<std::uint32_t>(text.size()), wanted);
  const auto same = [](TextSpan a, TextSpan b) { return a.begin == b.begin && a.end == b.end; };
  for (int pass = 0; pass < 2; ++pass) {
    const Encoding got = tokenizer.tokenize(text);
    require(got.ids == wanted.ids &&
            std::equal(got.offsets.begin(), got.offsets.end(), wanted.offsets.begin(),
                       wanted.offsets.end(), same));
  }
}

}  // namespace valence::fuzz
