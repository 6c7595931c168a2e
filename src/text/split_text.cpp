#include "text/split_text.h"

namespace valence {

TextSpan SplitText::span_of(const Split& split, std::size_t begin, std::size_t end) const {
  const std::size_t size = split.end - split.begin;
  if (begin >= end || end > size) return {split.origin.end, split.origin.end};
  return text_.span_of(split.begin + begin, split.begin + end);
}

void SplitText::add(const AlignedText& text, std::int32_t id) {
  if (text.text.empty()) return;
  const auto begin = static_cast<std::uint32_t>(text_.text.size());
  text_.text += text.text;
  text_.spans.insert(text_.spans.end(), text.spans.begin(), text.spans.end());
  splits_.push_back({begin, static_cast<std::uint32_t>(text_.text.size()), text.origin, id});
}

void SplitText::add(const AlignedText& text, std::size_t begin, std::size_t end, std::int32_t id) {
  if (begin >= end) return;
  const auto from = static_cast<std::uint32_t>(text_.text.size());
  text_.text.append(text.text, begin, end - begin);
  text_.spans.insert(text_.spans.end(), text.spans.begin() + static_cast<std::ptrdiff_t>(begin),
                     text.spans.begin() + static_cast<std::ptrdiff_t>(end));
  splits_.push_back(
      {from, static_cast<std::uint32_t>(text_.text.size()), text.span_of(begin, end), id});
}

AlignedText SplitText::copy(const Split& split) const {
  AlignedText out;
  out.text.assign(text_.text, split.begin, split.end - split.begin);
  out.spans.assign(text_.spans.begin() + split.begin, text_.spans.begin() + split.end);
  out.origin = split.origin;
  return out;
}

}  // namespace valence
