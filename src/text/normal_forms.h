// The normal forms of Unicode 9 (Annex 15), with the Change of each code point.
#pragma once

#include <string_view>
#include <vector>

#include "text/aligned_text.h"

namespace valence {

// NFD, or NFKD where `compatibility` is set. A decomposition's first code point replaces, the
// others are inserted; marks are then put in order, each with its own Change.
std::vector<Change> decompose(std::string_view text, bool compatibility);

// NFC or NFKC of what decompose() gave.
std::vector<Change> compose(const std::vector<Change>& decomposed);

}  // namespace valence
