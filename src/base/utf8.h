// Stepping through UTF-8.
//
// Policy for invalid input, everywhere in the program: each maximal invalid part (Unicode 15,
// section 3.9, table 3-8; the same as Python's errors="replace") reads as one U+FFFD. No byte is
// lost: the offsets of that U+FFFD span the invalid bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace valence {

inline constexpr char32_t kReplacement = 0xFFFD;

struct CodePoint {
  char32_t value;
  std::uint32_t length;  // bytes consumed, at least 1
};

// Decodes the code point that starts at text[pos]. Requires pos < text.size().
CodePoint decode_utf8(std::string_view text, std::size_t pos) noexcept;

// Appends the UTF-8 form of a scalar value; anything else is written as U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

bool is_valid_utf8(std::string_view text) noexcept;

// The text with every maximal invalid part replaced by U+FFFD.
std::string replace_invalid_utf8(std::string_view text);

}  // namespace valence
