// Any model file to GGUF.
#pragma once

#include <cstddef>
#include <filesystem>

#include "base/tensor.h"
#include "format/model_file.h"

namespace valence {

// Writes `file` with its weight matrices as `type`. Norms, biases, positions, token types and the
// last projection become F32: they are small, and answers hang on them; matrices whose rows Q8_0
// cannot hold become F16. In Q8_0 the layers' matrices have
// one scale a row, as products in int8 have it. A `window` other than 0 keeps the positions of so
// many tokens. The file appears under its name when it is complete. Throws what find_architecture
// throws, and Error: kCorrupt where tensors are missing, kInvalidArgument where the model's window
// is shorter, kIo.
void export_gguf(const ModelFile& file, const std::filesystem::path& target, DType type,
                 std::size_t window = 0);

}  // namespace valence
