// Places in texts as clients count them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace valence::serve {

// For each byte of the text, how many characters (code points) begin before it; one entry more for
// the end.
std::vector<std::uint32_t> characters_before(std::string_view text);

}  // namespace valence::serve
