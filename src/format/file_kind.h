// What a file that cannot be read as a model most likely is.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace valence {

// Says what the bytes are and what to do about it, or is empty where they look like no known
// mistake: "is a Git LFS pointer, not the file itself; run git lfs pull".
std::string explain_wrong_kind(std::span<const std::byte> bytes);

}  // namespace valence
