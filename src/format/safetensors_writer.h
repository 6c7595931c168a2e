// Writes the safetensors format; see safetensors.h.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/tensor.h"

namespace valence {

// F32, F16 and BF16 tensors by their names, as they are. The file appears whole or not at all.
// Throws Error: kIo, kInvalidArgument (another type).
void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, Tensor, std::less<>>& tensors);

}  // namespace valence
