// Words and two-word phrases of a text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace valence {

// Appends the words of a text in lower case, in their order; an empty string stands for whatever
// phrases do not go across (punctuation, line breaks). Words are runs of letters, marks and digits,
// with single apostrophes inside, and points between digits; ideographs are words of their own.
// Words of more than 40 bytes are left out. Invalid UTF-8 separates.
void split_words(std::string_view text, std::vector<std::string>& words);

// The phrase of two neighbouring words, "duplicate files", written into `phrase`, whose memory
// serves for one after the other.
const std::string& phrase_of(std::string_view first, std::string_view second, std::string& phrase);

// At most `bytes` bytes of valid text, cut between characters.
std::string_view cut_text(std::string_view text, std::size_t bytes);

}  // namespace valence
