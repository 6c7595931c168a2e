// Everything that defines a tokenizer, whatever file it came from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace valence {

// `pipeline` has the shape of a Hugging Face tokenizer.json (normalizer, pre_tokenizer,
// post_processor, added_tokens, model, ...) without the bulky parts, which stand beside it:
// model.vocab is `tokens` (and `scores`), model.merges is `merges`. Truncation and padding settings
// are no part of a spec: they are the caller's business.
struct TokenizerSpec {
  Json pipeline;
  std::vector<std::string> tokens;  // by id; an id that no token has is an empty string
  std::vector<double> scores;       // Unigram only: log-probability by id
  std::vector<std::pair<std::string, std::string>> merges;  // BPE only: best first
};

}  // namespace valence
