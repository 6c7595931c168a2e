// The words that byte-level models split a text into, found without a regular expression library.
//
// The expressions match at every place of a text, so each match starts where the last one ended.
// Invalid UTF-8 reads as U+FFFD.
#pragma once

#include <cstddef>
#include <string_view>

namespace valence {

// The end of the word that starts at byte `begin` of the text, which is not at its end.
using EndOfWord = std::size_t (*)(std::string_view text, std::size_t begin);

inline constexpr std::string_view kGpt2Expression =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
std::size_t end_of_gpt2_word(std::string_view text, std::size_t begin);

inline constexpr std::string_view kLlama3Expression =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
std::size_t end_of_llama3_word(std::string_view text, std::size_t begin);

// The same with digits one by one.
inline constexpr std::string_view kQwen2Expression =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
std::size_t end_of_qwen2_word(std::string_view text, std::size_t begin);

// The function of an expression, or null for another one.
EndOfWord find_byte_level_words(std::string_view expression);

}  // namespace valence
