// A tokenizer as GGUF metadata: llama.cpp's keys, our own, and exact copies where needed.
#pragma once

#include <cstddef>

#include "base/json.h"
#include "base/tokenizer_spec.h"
#include "format/gguf_writer.h"

namespace valence {

// `embeddings`: rows of the embedding table; llama.cpp wants a token for each.
void add_tokenizer(const TokenizerSpec& spec, const JsonRef& config, std::size_t embeddings,
                   GgufWriter& writer);

}  // namespace valence
