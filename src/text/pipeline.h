// A tokenizer's stages, and the general way through them: each stage over the whole text in turn.
// It is the reference that every fast path (text/fast_path.h) equals.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/tokenizer_spec.h"
#include "text/added_tokens.h"
#include "text/normalizer.h"
#include "text/post_processor.h"
#include "text/pre_tokenizer.h"
#include "text/segmenter.h"
#include "text/tokenizer.h"
#include "text/vocabulary.h"

namespace valence {

// Immutable; not to be moved, for its parts borrow from one another.
struct Pipeline {
  explicit Pipeline(TokenizerSpec given);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Appends the ids and offsets of bytes [begin, end) of `text`, tokenized as if they were a text
  // of their own. Type ids are left alone.
  void tokenize(std::string_view text, std::uint32_t begin, std::uint32_t end, Encoding& out) const;

  // The last stages: words, whose offsets count from byte `begin` of `text`, to tokens.
  void segment(const SplitText& words, std::string_view text, std::uint32_t begin,
               Encoding& out) const;

  std::size_t id_count() const;  // largest id + 1
  std::string_view token(std::int32_t id) const;

  // A member of the pipeline's description, or null where it is absent.
  JsonRef component(const char* key) const;

  TokenizerSpec spec;
  Vocabulary vocabulary;
  std::unique_ptr<Normalizer> normalizer;
  std::unique_ptr<PreTokenizer> pre_tokenizer;
  std::unique_ptr<Segmenter> segmenter;
  AddedTokens added;
  PostProcessor post_processor;

 private:
  void check_special_ids() const;
};

}  // namespace valence
