#include "serve/routes/characters.h"

#include "base/utf8.h"

namespace valence::serve {

std::vector<std::uint32_t> characters_before(std::string_view text) {
  std::vector<std::uint32_t> counts(text.size() + 1);
  std::uint32_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t length = decode_utf8(text, at).length;
    for (std::uint32_t i = 0; i < length; ++i) counts[at + i] = count;
    at += length;
    ++count;
  }
  counts[text.size()] = count;
  return counts;
}

}  // namespace valence::serve
