// The arguments of this program as they were given.
#pragma once

#include <string>
#include <vector>

namespace valence::cli {

// Those behind the name of the command. Throws Error(kIo).
std::vector<std::string> own_arguments();

}  // namespace valence::cli
