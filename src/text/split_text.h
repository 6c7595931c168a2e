// A text on its way from normaliser to segmenter, cut into words.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/aligned_text.h"
#include "text/pattern.h"

namespace valence {

// Bytes [begin, end) of the text; not empty.
struct Split {
  std::uint32_t begin;
  std::uint32_t end;
  TextSpan origin;       // what it stood for when it was cut off
  std::int32_t id = -1;  // of an added token; -1: for the segmenter to find out
};

// All splits share one buffer. Those that are added tokens already are left alone by everything.
class SplitText {
 public:
  const std::vector<Split>& splits() const { return splits_; }
  std::string_view text_of(const Split& split) const {
    return std::string_view(text_.text).substr(split.begin, split.end - split.begin);
  }
  // What bytes [begin, end) of the split's text stand for.
  TextSpan span_of(const Split& split, std::size_t begin, std::size_t end) const;

  // Adds one split at the end; an empty text adds nothing.
  void add(const AlignedText& text, std::int32_t id = -1);
  // Adds bytes [begin, end) of a text as one split.
  void add(const AlignedText& text, std::size_t begin, std::size_t end, std::int32_t id = -1);

  // Cuts every split into the parts that cut(text) gives; those with is_match are dropped.
  template <typename Cut>
  void cut(Cut cut);

  // Replaces every split by what rewrite(AlignedText, SplitText& out) adds to `out`.
  template <typename Rewrite>
  void rewrite(Rewrite rewrite);

 private:
  AlignedText copy(const Split& split) const;

  AlignedText text_;
  std::vector<Split> splits_;
};

template <typename Cut>
void SplitText::cut(Cut cut) {
  std::vector<Split> out;
  out.reserve(splits_.size());
  for (const Split& split : splits_) {
    if (split.id >= 0) {
      out.push_back(split);
      continue;
    }
    for (const Match& part : cut(text_of(split))) {
      if (part.is_match || part.begin == part.end) continue;
      const auto begin = static_cast<std::uint32_t>(split.begin + part.begin);
      const auto end = static_cast<std::uint32_t>(split.begin + part.end);
      out.push_back({begin, end, text_.span_of(begin, end), -1});
    }
  }
  splits_ = std::move(out);
}

template <typename Rewrite>
void SplitText::rewrite(Rewrite rewrite) {
  SplitText out;
  out.text_.text.reserve(text_.text.size());
  out.text_.spans.reserve(text_.spans.size());
  for (const Split& split : splits_) {
    if (split.id >= 0)
      out.add(copy(split), split.id);
    else
      rewrite(copy(split), out);
  }
  *this = std::move(out);
}

}  // namespace valence
