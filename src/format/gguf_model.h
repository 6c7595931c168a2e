// A GGUF file as a classifier.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "format/gguf.h"
#include "format/model_file.h"

namespace valence {

bool is_gguf(const std::filesystem::path& path);
ModelFile read_gguf(const std::filesystem::path& path);

// A whole file in memory, which must outlive the model; `name` is for messages.
ModelFile read_gguf_bytes(std::span<const std::byte> bytes, const std::string& name);

// The model that a parsed file holds; the tensors borrow what `file`'s do. Throws Error.
ModelFile gguf_to_model(const GgufFile& file);

}  // namespace valence
