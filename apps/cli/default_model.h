// Which model is meant when none is named.
#pragma once

#include <filesystem>

namespace valence::cli {

// Throws Error(kNotFound) that says how to get one.
std::filesystem::path default_model_path();

}  // namespace valence::cli
