// A normalised text that knows which part of the original each of its bytes stands for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace valence {

// One code point of a rewritten text and how it came about:
//   change > 0   inserted; it stands for what the code point before it stands for
//   change <= 0  replaces the next code point of the old text, and swallows -change more after it
struct Change {
  char32_t code_point;
  std::int32_t change;
};

// spans[i] is what byte i of `text` stands for in the original: whole code points, in order. Text
// is valid UTF-8.
//
// Where a rewriting rule gives more or fewer code points than it accounts for, the bookkeeping of
// Hugging Face goes astray, and offsets with it. Ours goes astray in the same way, for offsets are
// to be equal; transform() says how.
struct AlignedText {
  std::string text;
  std::vector<TextSpan> spans;
  TextSpan origin;  // the part of the original that the whole text stands for

  AlignedText() = default;
  // Reads invalid UTF-8 as U+FFFD that stands for the invalid bytes.
  explicit AlignedText(std::string_view original);

  void append(char32_t code_point, TextSpan span);
  void clear();

  // Rewrites what stands for any of the original: bytes that were inserted in front of everything
  // stand for nothing and are not part of it. The first `removed` code points of the old text are
  // gone without a Change that says so.
  void transform(std::span<const Change> changes, std::size_t removed = 0);
  // Rewrites bytes [begin, end).
  void transform(std::size_t begin, std::size_t end, std::span<const Change> changes,
                 std::size_t removed = 0);

  void prepend(std::string_view prefix);  // nothing happens to an empty text

  // The span of the original that bytes [begin, end) stand for.
  TextSpan span_of(std::size_t begin, std::size_t end) const;

  bool is_ascii() const;
};

// Calls visit(code_point, begin, end) for each code point of a valid text.
template <typename Visit>
void for_each_code_point(std::string_view text, Visit visit);

// Keeps the code points that `keep` holds for.
template <typename Keep>
void filter(AlignedText& text, Keep keep);

// Replaces every code point by map(code point).
template <typename Map>
void replace_each(AlignedText& text, Map map);

}  // namespace valence

#include "text/aligned_text.inl"
