// Oniguruma's dialect of regular expressions in terms of PCRE2's.
#pragma once

#include <string>
#include <string_view>

namespace valence {

// Requires valid UTF-8. Throws Error(kUnsupported) naming `where` and the construct.
std::string translate_oniguruma(std::string_view expression, std::string_view where);

}  // namespace valence
