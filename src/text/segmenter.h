// The seam between pre-tokenized words and ids: one implementation for each tokenizer.json model
// type.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/tokenizer_spec.h"
#include "text/vocabulary.h"

namespace valence {

// A token of a word: bytes [begin, end) of the word as it was given to the segmenter.
struct Piece {
  std::int32_t id;
  std::uint32_t begin;
  std::uint32_t end;
};

class Segmenter {
 public:
  virtual ~Segmenter() = default;
  // Appends the word's pieces to `out`. `word` is valid UTF-8 and not empty. Thread-safe. Throws
  // Error(kCorrupt) for a word that the vocabulary cannot express where it has no unknown token.
  virtual void segment(std::string_view word, std::vector<Piece>& out) const = 0;
  // Whether pieces of this id are shown as the word's own text instead of the vocabulary's.
  virtual bool shows_text(std::int32_t /*id*/) const { return false; }
};

// Picks the algorithm by pipeline["model"]["type"] from the table kSegmenters. The spec and the
// vocabulary must outlive the segmenter. Throws Error(kUnsupported) for another type.
std::unique_ptr<Segmenter> make_segmenter(const TokenizerSpec& spec, const Vocabulary& vocabulary);

// One for each file that defines one; `model` is pipeline["model"].
std::unique_ptr<Segmenter> make_word_piece(const JsonRef& model, const TokenizerSpec& spec,
                                           const Vocabulary& vocabulary);
std::unique_ptr<Segmenter> make_bpe(const JsonRef& model, const TokenizerSpec& spec,
                                    const Vocabulary& vocabulary);
std::unique_ptr<Segmenter> make_unigram(const JsonRef& model, const TokenizerSpec& spec,
                                        const Vocabulary& vocabulary);
std::unique_ptr<Segmenter> make_word_level(const JsonRef& model, const TokenizerSpec& spec,
                                           const Vocabulary& vocabulary);

// The id of the unknown token, or nothing where the vocabulary lacks it.
class UnknownToken {
 public:
  UnknownToken(std::string text, const Vocabulary& vocabulary)
      : text_(std::move(text)), id_(vocabulary.find(text_)) {}
  std::int32_t id() const;  // throws Error(kCorrupt)

 private:
  std::string text_;
  std::optional<std::int32_t> id_;
};

// The tokens <0x00> ... <0xFF> that stand for single bytes, where the vocabulary has them.
class ByteTokens {
 public:
  explicit ByteTokens(const Vocabulary& vocabulary);
  // The ids of all bytes, or nothing where one is missing.
  std::optional<std::vector<std::int32_t>> find(std::string_view bytes) const;

 private:
  std::vector<std::int32_t> ids_;  // -1: missing
};

}  // namespace valence
