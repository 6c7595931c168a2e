// The seam for pre-tokenizers: cutting of a normalised text into words.
#pragma once

#include <memory>

#include "base/json.h"
#include "text/split_text.h"

namespace valence {

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void apply(SplitText& text) const = 0;  // thread-safe
};

// Picks by json["type"] from the table kPreTokenizers. Null json: one that does nothing. Throws
// Error(kUnsupported) for another type.
std::unique_ptr<PreTokenizer> make_pre_tokenizer(const JsonRef& json);

// One for each file that defines some.
std::unique_ptr<PreTokenizer> make_byte_level_pre_tokenizer(const JsonRef& json);
std::unique_ptr<PreTokenizer> make_metaspace_pre_tokenizer(const JsonRef& json);

// The one code point that a string member holds. Throws Error(kCorrupt) where it holds another
// number.
char32_t read_code_point(const JsonRef& json);

}  // namespace valence
