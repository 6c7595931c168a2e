// llama.cpp's form of a WordPiece vocabulary: words begin with U+2581, continuations have no mark.
#pragma once

#include <string>
#include <string_view>

namespace valence {

// "##x" to "x", "x" to "\u2581x"; control tokens and those in brackets ("[unused1]") stay.
std::string to_phantom_space(std::string_view token, bool control);

// The way back. Not every token survives the two; writers must check.
std::string from_phantom_space(std::string_view token, bool control);

}  // namespace valence
