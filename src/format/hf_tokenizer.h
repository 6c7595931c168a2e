// The tokenizer of a Hugging Face directory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "base/json.h"
#include "base/tokenizer_spec.h"

namespace valence {

struct HfTokenizer {
  TokenizerSpec spec;
  std::size_t max_length = 0;  // model_max_length of tokenizer_config.json; 0: none stated
};

// Reads tokenizer.json; where there is none, builds what transformers builds from vocab.txt (BERT's
// kind) or from vocab.json and merges.txt (RoBERTa's kind), with tokenizer_config.json and
// special_tokens_map.json where they are there. `config` is the directory's config.json; it decides
// between kinds where tokenizer_config.json does not. Throws Error: kNotFound where there is
// nothing to build from, kCorrupt (says where), kUnsupported (a kind that cannot be built; says
// what to do).
HfTokenizer read_hf_tokenizer(const std::filesystem::path& directory, const Json& config);

// The text of a tokenizer.json. `origin` is its name for messages.
TokenizerSpec parse_tokenizer_json(std::string_view text, std::string_view origin);

}  // namespace valence
