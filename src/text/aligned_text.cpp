#include "text/aligned_text.h"

#include <algorithm>

namespace valence {

AlignedText::AlignedText(std::string_view original)
    : origin{0, static_cast<std::uint32_t>(original.size())} {
  text.reserve(original.size());
  spans.reserve(original.size());
  for (std::size_t pos = 0; pos < original.size();) {
    const CodePoint point = decode_utf8(original, pos);
    const auto begin = static_cast<std::uint32_t>(pos);
    append(point.value, {begin, begin + point.length});
    pos += point.length;
  }
}

void AlignedText::append(char32_t code_point, TextSpan span) {
  if (code_point < 0x80)
    text.push_back(static_cast<char>(code_point));
  else
    append_utf8(text, code_point);
  spans.resize(text.size(), span);
}

void AlignedText::clear() {
  text.clear();
  spans.clear();
}

void AlignedText::transform(std::span<const Change> changes, std::size_t removed) {
  if (origin.begin == origin.end) return transform(0, 0, changes, removed);
  if (spans.empty()) return;
  const auto stands_for_something =
      std::find_if(spans.begin(), spans.end(), [](TextSpan span) { return span.begin < span.end; });
  transform(static_cast<std::size_t>(stands_for_something - spans.begin()), spans.size(), changes,
            removed);
}

namespace {

// Steps over the old code points while the new ones are written.
class Replaced {
 public:
  Replaced(std::string_view text, std::size_t begin, std::size_t end)
      : text_(text), pos_(begin), end_(end) {}
  void skip(std::size_t count) {
    for (; count > 0 && pos_ < end_; --count) pos_ += decode_utf8(text_, pos_).length;
  }
  std::size_t position() const { return pos_; }

 private:
  std::string_view text_;
  std::size_t pos_, end_;
};

}  // namespace

void AlignedText::transform(std::size_t begin, std::size_t end, std::span<const Change> changes,
                            std::size_t removed) {
  AlignedText out;
  out.text.reserve(text.size());
  out.spans.reserve(spans.size());
  out.text.assign(text, 0, begin);
  out.spans.assign(spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(begin));
  Replaced old(text, begin, end);
  old.skip(removed);
  const TextSpan nothing{origin.begin, origin.begin};
  for (const Change& change : changes) {
    const std::size_t at = old.position();
    if (change.change > 0) {
      out.append(change.code_point, at == 0 ? nothing : spans[at - 1]);
    } else {
      out.append(change.code_point, at < spans.size() ? spans[at] : nothing);
      old.skip(1 + static_cast<std::size_t>(-change.change));
    }
  }
  out.text.append(text, end);
  out.spans.insert(out.spans.end(), spans.begin() + static_cast<std::ptrdiff_t>(end), spans.end());
  text.swap(out.text);
  spans.swap(out.spans);
}

void AlignedText::prepend(std::string_view prefix) {
  if (text.empty()) return;
  const CodePoint first = decode_utf8(text, 0);
  std::vector<Change> changes;
  for_each_code_point(prefix, [&](char32_t c, std::size_t begin, std::size_t) {
    changes.push_back({c, begin == 0 ? 0 : 1});
  });
  changes.push_back({first.value, 1});
  // Only the front is rewritten, so only the front is copied.
  AlignedText front;
  front.text = text.substr(0, first.length);
  front.spans.assign(spans.begin(), spans.begin() + first.length);
  front.origin = origin;
  front.transform(0, first.length, changes);
  text.replace(0, first.length, front.text);
  spans.erase(spans.begin(), spans.begin() + first.length);
  spans.insert(spans.begin(), front.spans.begin(), front.spans.end());
}

TextSpan AlignedText::span_of(std::size_t begin, std::size_t end) const {
  return {spans[begin].begin, spans[end - 1].end};
}

bool AlignedText::is_ascii() const {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace valence
