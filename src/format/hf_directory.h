// A folder as Hugging Face's save_pretrained leaves it: config, weights, tokenizer.
#pragma once

#include <filesystem>

#include "format/model_file.h"

namespace valence {

// A folder, or a file that belongs to one (config.json, tokenizer.json, *.safetensors, ...).
bool is_hf_directory(const std::filesystem::path& path);
ModelFile read_hf_directory(const std::filesystem::path& path);

// The folder that such a path means.
std::filesystem::path hf_folder_of(const std::filesystem::path& path);

}  // namespace valence
