// A tokenizer from a GGUF's metadata.
#pragma once

#include "base/tokenizer_spec.h"
#include "format/gguf.h"

namespace valence {

// From our own key where it is there, else rebuilt from llama.cpp's keys alone; what is only
// assumed then goes to `notes`. Throws Error: kCorrupt, kUnsupported (a kind of tokenizer that no
// text classifier has).
TokenizerSpec read_gguf_tokenizer(const GgufMetadata& keys, std::vector<std::string>& notes);

}  // namespace valence
