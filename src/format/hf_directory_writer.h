// Writes a Hugging Face model directory; see hf_directory.h.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/json.h"
#include "base/tensor.h"
#include "base/tokenizer_spec.h"

namespace valence {

struct HfModel {
  Json config;
  std::map<std::string, Tensor, std::less<>> tensors;  // under Hugging Face's names
  TokenizerSpec tokenizer;
  std::size_t max_length = 0;  // the tokenizer's model_max_length; 0: none stated
  bool has_token_types = true;
  // A directory whose tokenizer files are copied as they are; empty: they are made of `tokenizer`.
  std::filesystem::path tokenizer_source;
};

// config.json, model.safetensors and the tokenizer's files, each whole or not at all; the
// directory is made where it is missing. Throws Error(kIo).
void write_hf_directory(const std::filesystem::path& folder, const HfModel& model);

// The text of a tokenizer.json that says what the spec says.
std::string tokenizer_json(const TokenizerSpec& spec);

}  // namespace valence
