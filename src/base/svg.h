// Pieces of SVG documents.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace valence {

// printf into a string; at most 511 bytes.
template <typename... Values>
std::string printed(const char* pattern, Values... values) {
  std::array<char, 512> text{};
  const int size = std::snprintf(text.data(), text.size(), pattern, values...);
  return {text.data(), static_cast<std::size_t>(std::clamp(size, 0, 511))};
}

// Text for an element of XML: markup escaped, control characters as spaces (XML cannot hold most of
// them, however they are written), invalid UTF-8 as U+FFFD.
std::string xml_text(std::string_view text);

// A line of text; `anchor` is start, middle or end.
std::string svg_text(double x, double y, const char* anchor, int size, std::string_view text);

}  // namespace valence
