// Replacing the matches of a pattern in an aligned text.
#pragma once

#include <string_view>
#include <vector>

#include "text/aligned_text.h"
#include "text/pattern.h"

namespace valence {

// `parts` covers the whole text, as Pattern::find gives it.
void replace_matches(AlignedText& text, const std::vector<Match>& parts, std::string_view content);

}  // namespace valence
