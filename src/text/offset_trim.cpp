#include "text/offset_trim.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/normalizer.h"
#include "text/unicode.h"

namespace valence {
namespace {

bool is_space(char32_t c) {
  return c == byte_level_code_point(' ') || unicode::is_whitespace(c);
}

struct Spaces {
  std::size_t leading = 0;
  std::size_t trailing = 0;
};

// A text of spaces only has them on both sides.
Spaces count_spaces(std::string_view text) {
  Spaces spaces;
  bool leading = true;
  for (std::size_t pos = 0; pos < text.size();) {
    const CodePoint point = decode_utf8(text, pos);
    pos += point.length;
    const bool space = is_space(point.value);
    leading = leading && space;
    if (leading) ++spaces.leading;
    spaces.trailing = space ? spaces.trailing + 1 : 0;
  }
  return spaces;
}

// Where the code point starts that ends at byte `end` of the original, which may be invalid UTF-8:
// the furthest of up to four bytes back from where decoding ends right here.
std::uint32_t begin_of_last(std::string_view text, std::uint32_t end) {
  for (std::uint32_t back = std::min<std::uint32_t>(4, end); back > 1; --back)
    if (decode_utf8(text, end - back).length == back) return end - back;
  return end - 1;
}

}  // namespace

TextSpan trim_offsets(const OffsetTrim& trim, bool first, std::string_view shown, TextSpan span,
                      std::string_view original) {
  Spaces spaces = count_spaces(shown);
  const bool at_start = (first && trim.at_start) || span.begin == 0;
  if (at_start && trim.keep_prefix_space && spaces.leading == 1) spaces.leading = 0;
  for (; spaces.leading > 0 && span.begin < span.end; --spaces.leading)
    span.begin += decode_utf8(original, span.begin).length;
  std::uint32_t end = span.end;
  for (; spaces.trailing > 0 && end > 0; --spaces.trailing) end = begin_of_last(original, end);
  if (spaces.trailing == 0)
    span.end = std::max(end, span.begin);  // else there are fewer: unchanged
  return span;
}

}  // namespace valence
