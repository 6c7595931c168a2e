// Text to ids, equal to Hugging Face `tokenizers` on every input.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/tokenizer_spec.h"

namespace valence {

// Half-open byte range of the original text.
struct TextSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// One entry a token in each vector. Special tokens that the post-processor added have the empty
// span {0, 0}.
struct Encoding {
  std::vector<std::int32_t> ids;
  std::vector<TextSpan> offsets;
  std::vector<std::uint8_t> type_ids;

  std::size_t size() const { return ids.size(); }
};

// Immutable after construction: any number of threads may call it at once.
class Tokenizer {
 public:
  // Throws Error(kCorrupt) for a spec that contradicts itself, Error(kUnsupported) for a component
  // that is not known; the message names the component.
  explicit Tokenizer(TokenizerSpec spec);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  // The text's own tokens, without what the post-processor adds. Invalid UTF-8 reads as U+FFFD
  // (base/utf8.h). Throws Error(kInvalidArgument) for a text over 1 GiB, Error(kCorrupt) where the
  // text needs an unknown token and the vocabulary has none, Error(kUnsupported) where a regular
  // expression of the tokenizer costs too much on it.
  Encoding tokenize(std::string_view text) const;

  // Tokens [begin, end) of `content` with the post-processor's special tokens around them: what the
  // model is fed.
  Encoding with_specials(const Encoding& content, std::size_t begin, std::size_t end) const;
  // The same for a pair of texts.
  Encoding with_specials(const Encoding& first, const Encoding& second) const;

  // How many tokens with_specials adds to a single text, and to a pair.
  std::size_t special_count() const;
  std::size_t pair_special_count() const;

  const TokenizerSpec& spec() const;
  std::size_t vocabulary_size() const;  // largest id + 1, added tokens included

  // The token's text as the vocabulary has it; empty for an id that no token has.
  std::string_view token(std::int32_t id) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace valence
