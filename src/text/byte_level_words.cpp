#include "text/byte_level_words.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/utf8.h"
#include "text/byte_block.h"
#include "text/unicode.h"

namespace valence {
namespace {

enum class Kind : std::uint8_t { kLetter, kNumber, kSpace, kOther };

Kind kind_of(char32_t c) {
  if (unicode::is_letter(c)) return Kind::kLetter;
  if (unicode::is_number(c)) return Kind::kNumber;
  return unicode::is_whitespace(c) ? Kind::kSpace : Kind::kOther;
}

struct Point {
  Kind kind;
  std::uint32_t length;
};

// The code point at byte `pos`, which is not at the end of the text.
Point point_at(std::string_view text, std::size_t pos) {
  static const auto kAscii = [] {
    std::array<Kind, 128> kinds{};
    for (std::size_t c = 0; c < kinds.size(); ++c) kinds[c] = kind_of(static_cast<char32_t>(c));
    return kinds;
  }();
  const auto byte = static_cast<unsigned char>(text[pos]);
  if (byte < kAscii.size()) return {kAscii[byte], 1};
  const CodePoint point = decode_utf8(text, pos);
  return {kind_of(point.value), point.length};
}

// The end of at most `most` code points of one kind.
std::size_t end_of_kind(std::string_view text, std::size_t pos, Kind kind,
                        std::size_t most = std::numeric_limits<std::size_t>::max()) {
  for (std::size_t count = 0; pos < text.size() && count < most; ++count) {
    const Point point = point_at(text, pos);
    if (point.kind != kind) break;
    pos += point.length;
  }
  return pos;
}

std::size_t end_of_letters(std::string_view text, std::size_t pos) {
  pos = end_of_run(text, pos, ascii_letters);
  const bool is_ascii = pos >= text.size() || static_cast<unsigned char>(text[pos]) < 0x80;
  return is_ascii ? pos : end_of_kind(text, pos, Kind::kLetter);
}

bool is_line_end(char c) {
  return c == '\r' || c == '\n';
}

// All of the white space at the end of the text; before a word, all but the last.
std::size_t end_of_space(std::string_view text, std::size_t begin) {
  std::size_t last = begin;
  std::size_t pos = begin;
  while (pos < text.size()) {
    const Point point = point_at(text, pos);
    if (point.kind != Kind::kSpace) break;
    last = pos;
    pos += point.length;
  }
  return pos == text.size() || last == begin ? pos : last;
}

// The end of 's 't 're 've 'm 'll 'd at byte `begin`, or `begin`. `letter_at` gives a letter after
// the apostrophe, or 0 behind the end of the text.
template <typename LetterAt>
std::size_t end_of_contraction(std::size_t begin, LetterAt letter_at) {
  const char first = letter_at(begin + 1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return begin + 2;
  const char second = letter_at(begin + 2);
  const bool found = (first == 'r' && second == 'e') || (first == 'v' && second == 'e') ||
                     (first == 'l' && second == 'l');
  return found ? begin + 3 : begin;
}

template <std::size_t kMostDigits>
std::size_t end_of_modern_word(std::string_view text, std::size_t begin) {
  const char first = text[begin];
  if (first == '\'') {
    // Without regard to case, U+017F is an s.
    if (text.substr(begin + 1).starts_with("\u017F")) return begin + 3;
    const std::size_t end = end_of_contraction(begin, [text](std::size_t pos) {
      return pos < text.size() ? static_cast<char>(text[pos] | 0x20) : '\0';
    });
    if (end != begin) return end;
  }
  const Point point = point_at(text, begin);
  if (point.kind == Kind::kLetter) return end_of_letters(text, begin);
  if (point.kind == Kind::kNumber) return end_of_kind(text, begin, Kind::kNumber, kMostDigits);
  const std::size_t next = begin + point.length;
  const Kind next_kind = next < text.size() ? point_at(text, next).kind : Kind::kSpace;
  if (!is_line_end(first) && next_kind == Kind::kLetter) return end_of_letters(text, next);
  if (point.kind == Kind::kOther || (first == ' ' && next_kind == Kind::kOther)) {
    std::size_t end = end_of_kind(text, next, Kind::kOther);
    while (end < text.size() && is_line_end(text[end])) ++end;
    return end;
  }
  const std::size_t end = end_of_kind(text, begin, Kind::kSpace);
  for (std::size_t pos = end; pos > begin; --pos)
    if (is_line_end(text[pos - 1])) return pos;
  return end_of_space(text, begin);
}

}  // namespace

std::size_t end_of_gpt2_word(std::string_view text, std::size_t begin) {
  if (text[begin] == '\'') {
    const std::size_t end = end_of_contraction(
        begin, [text](std::size_t pos) { return pos < text.size() ? text[pos] : '\0'; });
    if (end != begin) return end;
  }
  const std::size_t first = text[begin] == ' ' ? begin + 1 : begin;
  if (first == text.size()) return first;
  const Kind kind = point_at(text, first).kind;
  if (kind == Kind::kLetter) return end_of_letters(text, first);
  return kind == Kind::kSpace ? end_of_space(text, begin) : end_of_kind(text, first, kind);
}

std::size_t end_of_llama3_word(std::string_view text, std::size_t begin) {
  return end_of_modern_word<3>(text, begin);
}

std::size_t end_of_qwen2_word(std::string_view text, std::size_t begin) {
  return end_of_modern_word<1>(text, begin);
}

EndOfWord find_byte_level_words(std::string_view expression) {
  static constexpr auto kKnown = std::to_array<std::pair<std::string_view, EndOfWord>>({
      {kGpt2Expression, end_of_gpt2_word},
      {kLlama3Expression, end_of_llama3_word},
      {kQwen2Expression, end_of_qwen2_word},
  });
  for (const auto& [known, function] : kKnown)
    if (known == expression) return function;
  return nullptr;
}

}  // namespace valence
