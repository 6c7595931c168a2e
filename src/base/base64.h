// Bytes as text (RFC 4648, section 4), as tokenizer.json holds its normalisation map.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace valence {

std::string encode_base64(std::string_view bytes);

// Nothing where the text is not base64; padding at the end may be missing.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace valence
