// A trained model as a Hugging Face directory.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "format/model_file.h"
#include "model/architecture.h"

namespace valence {

// Writes `tensors`, under our names, with the config and the tokenizer of `file`, as the directory
// that transformers reads. The position table has all rows that Hugging Face's has
// (Architecture::hf_position_offset). Throws Error(kIo).
void export_hf_directory(const ModelFile& file, const Architecture& architecture,
                         const std::map<std::string, Tensor, std::less<>>& tensors,
                         const std::filesystem::path& folder);

}  // namespace valence
