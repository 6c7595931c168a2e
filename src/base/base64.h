// Bytes as text (RFC 4648, section 4), as tokenizer.json holds its normalisation map.
#pragma once

#include <string>
#include <string_view>

namespace valence {

std::string encode_base64(std::string_view bytes);

}  // namespace valence
