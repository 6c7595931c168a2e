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
  // Appends the word's pieces to `out`. `word` is valid UTF-8 and not empty. Thread-safe.
  virtual void segment(std::string_view word, std::vector<Piece>& out) const = 0;
};

// Picks the algorithm by pipeline["model"]["type"] from the table kSegmenters. The spec and the
// vocabulary must outlive the segmenter. Throws Error(kUnsupported) for another type.
std::unique_ptr<Segmenter> make_segmenter(const TokenizerSpec& spec, const Vocabulary& vocabulary);

}  // namespace valence
