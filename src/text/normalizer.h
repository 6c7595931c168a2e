// The seam for normalisers: rewriting of a text before it is split.
#pragma once

#include <memory>

#include "base/json.h"
#include "text/aligned_text.h"

namespace valence {

class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void apply(AlignedText& text) const = 0;  // thread-safe
};

// Picks by json["type"] from the table kNormalizers. Null json: a normaliser that does nothing.
// Throws Error(kUnsupported) for another type.
std::unique_ptr<Normalizer> make_normalizer(const JsonRef& json);

// One for each file that defines some.
std::unique_ptr<Normalizer> make_bert_normalizer(const JsonRef& json);
std::unique_ptr<Normalizer> make_precompiled_normalizer(const JsonRef& json);
std::unique_ptr<Normalizer> make_replace_normalizer(const JsonRef& json);

void lower_case(AlignedText& text);

// Replaces each byte by the code point that byte-level vocabularies write for it.
void to_byte_level(AlignedText& text);
// That code point.
char32_t byte_level_code_point(unsigned char byte);

}  // namespace valence
