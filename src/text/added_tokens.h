// Tokens that stand beside the model's vocabulary and are cut out of the text before it is split.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "text/byte_trie.h"
#include "text/normalizer.h"
#include "text/split_text.h"
#include "text/vocabulary.h"

namespace valence {

class AddedTokens {
 public:
  // `list` is the pipeline's added_tokens. A token that the vocabulary has keeps its id there; the
  // others are numbered on from the vocabulary's count, in order, whatever id the file states.
  AddedTokens(const JsonRef& list, const Vocabulary& vocabulary, const Normalizer& normalizer);

  // Cuts the tokens out: first those matched in the text as it is, then, in what is left and has
  // been normalised, those matched there. At one place the longest token wins.
  SplitText extract(AlignedText text, const Normalizer& normalizer) const;

  // The text of an added token; nothing where `id` is none of them.
  const std::string* find(std::int32_t id) const;
  std::int32_t end_id() const;  // largest id + 1, or 0

  // The tokens that are matched in the text as it is, and those matched in normalised text.
  const ByteTrie& plain() const { return plain_; }
  const ByteTrie& normalized() const { return normalized_; }
  bool has_code_point(char32_t c) const;  // in any token

 private:
  struct Token {
    std::string content;
    bool single_word, strip_left, strip_right, normalized;
  };
  struct Found {
    std::size_t begin, end;
    std::int32_t id;  // -1: text between tokens
  };

  std::vector<Found> find_all(const ByteTrie& trie, std::string_view text) const;
  static Found longest_at(const ByteTrie& trie, std::string_view text, std::size_t begin);

  std::map<std::int32_t, Token> tokens_;
  ByteTrie plain_, normalized_;
};

}  // namespace valence
