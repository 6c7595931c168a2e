// A tokenizer.json, a line break of two zero bytes, and a text to tokenise with it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "format/hf_tokenizer.h"
#include "fuzz/tokenizer_checks.h"
#include "valence/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace std::string_view_literals;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(input.find("\0\0"sv), input.size());
  try {
    const valence::TokenizerSpec spec =
        valence::parse_tokenizer_json(input.substr(0, cut), "tokenizer.json");
    const valence::Pipeline pipeline(spec);
    const valence::Tokenizer tokenizer(spec);
    const std::string_view text = input.substr(std::min(cut + 2, size));
    valence::fuzz::check_encoding(tokenizer, text, false);
    valence::fuzz::check_fast_path(pipeline, tokenizer, text);
    valence::fuzz::check_encoding(tokenizer, "The naïve\tcafé 日本 [MASK] e\u0301 12", false);
  } catch (const valence::Error&) {
  }
  return 0;
}
