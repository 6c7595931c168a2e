#pragma once

#include <string_view>

#include "text/post_processor.h"
#include "text/tokenizer.h"

namespace valence {

// Takes as many code points off both ends of `span` as `shown`, the token's text, has spaces there.
// `first`: the token is the first of its text.
TextSpan trim_offsets(const OffsetTrim& trim, bool first, std::string_view shown, TextSpan span,
                      std::string_view original);

}  // namespace valence
