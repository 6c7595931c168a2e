// A Hugging Face config for a GGUF file that llama.cpp's converter wrote.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "format/gguf.h"

namespace valence {

// Works out from llama.cpp's keys and the tensors which classifier this is; oddities go to `notes`.
// Throws Error: kUnsupported (no classifier, or one whose architecture GGUF does not tell),
// kCorrupt (damaged, a BERT whose pooler the converter dropped included).
Json derive_config(const GgufFile& file, std::vector<std::string>& notes);

}  // namespace valence
