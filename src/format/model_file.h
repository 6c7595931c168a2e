// What every model format is read into: the seam between files and models.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/mapped_file.h"
#include "base/tensor.h"
#include "base/tokenizer_spec.h"

namespace valence {

enum class TensorNaming {
  kHuggingFace,  // "bert.encoder.layer.0.attention.self.query.weight": differs by architecture
  kGguf,         // "blk.0.attn_q.weight": llama.cpp's names, the same for every architecture
};

// A parsed and bounds-checked, but not interpreted model.
struct ModelFile {
  std::string path;    // for messages
  std::string format;  // "Hugging Face directory", "GGUF"
  Json config;         // a Hugging Face config.json
  TokenizerSpec tokenizer;
  std::size_t max_length = 0;  // the tokenizer's own limit (model_max_length); 0: none stated
  TensorNaming naming = TensorNaming::kHuggingFace;
  std::map<std::string, Tensor, std::less<>> tensors;
  std::vector<std::string> notes;                          // oddities that a person should be told
  std::vector<std::shared_ptr<const MappedFile>> storage;  // what the tensors borrow from
};

// Reads with the first row of the table kFormats that recognises `path`. Throws Error: kNotFound,
// kIo, kCorrupt (says where), kUnsupported (nothing recognises it; lists what is).
ModelFile open_model_file(const std::filesystem::path& path);

}  // namespace valence
