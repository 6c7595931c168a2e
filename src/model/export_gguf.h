// Any model file to GGUF.
#pragma once

#include <filesystem>

#include "base/tensor.h"
#include "format/model_file.h"

namespace valence {

// Writes `file` with its weight matrices as `type`. Norms, biases, positions, token types and the
// last projection become F32: they are small, and answers hang on them; matrices whose rows Q8_0
// cannot hold become F16. The file appears under its name when it is complete. Throws what
// find_architecture throws, Error(kCorrupt) where tensors are missing, and Error(kIo).
void export_gguf(const ModelFile& file, const std::filesystem::path& target, DType type);

}  // namespace valence
