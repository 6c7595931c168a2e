// A GGUF file as a classifier.
#pragma once

#include <filesystem>
#include <string>

#include "format/gguf.h"
#include "format/model_file.h"

namespace valence {

bool is_gguf(const std::filesystem::path& path);
ModelFile read_gguf(const std::filesystem::path& path);

// The model that a parsed file holds; the tensors borrow what `file`'s do. Throws Error.
ModelFile gguf_to_model(const GgufFile& file);

}  // namespace valence
