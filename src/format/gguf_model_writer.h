// Writes a classifier as GGUF, so that llama.cpp can load it and this program reads back exactly
// what was written.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/tensor.h"
#include "base/tokenizer_spec.h"

namespace valence {

struct GgufTensor {
  std::string name;  // llama.cpp's: "blk.0.attn_q.weight"
  DType type;        // to be written as; Q8_0 asks for rows that are a multiple of 32 long
  Tensor source;     // gives shape, outliers and elements, which are converted when written
  // As Q8_0, all blocks of a row have the row's scale: products in int8 with a scale a row then
  // compute with the very weights of the file.
  bool scale_by_row = false;
};

struct GgufModel {
  Json config;  // a Hugging Face config.json
  TokenizerSpec tokenizer;
  std::size_t max_length = 0;  // ModelFile::max_length
  std::vector<GgufTensor> tensors;
};

// The file appears under its name when it is complete. Throws Error: kIo, kInvalidArgument (a
// tensor cannot be held as the type asked for).
void write_model_gguf(const std::filesystem::path& path, const GgufModel& model);

}  // namespace valence
