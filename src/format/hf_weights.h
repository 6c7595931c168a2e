// The weights of a Hugging Face folder: one safetensors file, or several with an index.
#pragma once

#include <filesystem>

#include "format/model_file.h"

namespace valence {

// Adds tensors, notes and storage to `model`. `named` is the weights file that the user asked for,
// or empty: the folder's usual files are looked for. Throws Error.
void read_hf_weights(const std::filesystem::path& folder, const std::filesystem::path& named,
                     ModelFile& model);

}  // namespace valence
