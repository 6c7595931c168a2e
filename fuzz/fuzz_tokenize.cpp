// Arbitrary bytes as a text; the first byte picks one of a few fixed tokenizers.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "format/hf_tokenizer.h"
#include "fuzz/tokenizer_checks.h"
#include "text/byte_level_words.h"
#include "text/split_by.h"

namespace {

constexpr auto kTokenizers = std::to_array<std::string_view>({
    R"({"added_tokens": [{"content": "[MASK]", "lstrip": true}],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                       "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 1], "cls": ["[CLS]", 2]},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100,
                  "vocab": {"[UNK]": 0, "[SEP]": 1, "[CLS]": 2, "[MASK]": 3, "a": 4, "##b": 5,
                            "ab": 6, "e": 7, "##e": 8, "日": 9, "!": 10}}})",
    R"({"added_tokens": [{"content": "<mask>", "lstrip": true, "rstrip": true, "normalized": false}],
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true, "use_regex": true},
        "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 0], "cls": ["<s>", 1],
                           "trim_offsets": true, "add_prefix_space": true},
        "model": {"type": "BPE", "unk_token": "<s>", "fuse_unk": true,
                  "vocab": {"</s>": 0, "<s>": 1, "Ġ": 2, "a": 3, "b": 4, "Ġa": 5, "Ġab": 6, "Ã": 7,
                            "©": 8, "Ã©": 9},
                  "merges": ["Ġ a", "Ġa b", "Ã ©"]}})",
    R"({"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Strip",
                       "strip_left": false, "strip_right": true}]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"},
        "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
                  "vocab": [["<unk>", 0], ["▁", -2], ["a", -3], ["ab", -3.5], ["▁a", -3], ["é", -5]]}})",
    R"({"pre_tokenizer": {"type": "Split", "behavior": "Isolated", "invert": false, "pattern": {"Regex":
          "(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"}},
        "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0, "a": 1, "the": 2}}})",
});

// Byte-level BPE with a token for each byte, which the fast path asks for.
valence::TokenizerSpec byte_level(const valence::Json& pre_tokenizer) {
  valence::TokenizerSpec spec;
  spec.pipeline = {{"model", {{"type", "BPE"}}},
                   {"pre_tokenizer", pre_tokenizer},
                   {"added_tokens", {{{"content", "<s>"}, {"normalized", true}}}},
                   {"post_processor", {{"type", "ByteLevel"}, {"add_prefix_space", false}}}};
  for (unsigned byte = 0; byte < 256; ++byte)
    valence::append_utf8(spec.tokens.emplace_back(),
                         valence::byte_level_code_point(static_cast<unsigned char>(byte)));
  spec.merges = {{"a", "b"}, {"Ġ", "ab"}, {"Ġ", "Ġ"}, {"Ã", "©"}, {"ab", "c"}};
  for (const auto& [left, right] : spec.merges) spec.tokens.push_back(left + right);
  return spec;
}

struct Subject {
  explicit Subject(const valence::TokenizerSpec& spec) : pipeline(spec), tokenizer(spec) {}

  bool adds_space() const {
    const valence::JsonRef json = pipeline.component("pre_tokenizer");
    return json.boolean_or("add_prefix_space", false);
  }

  valence::Pipeline pipeline;
  valence::Tokenizer tokenizer;
};

const std::vector<std::unique_ptr<Subject>>& subjects() {
  static const auto made = [] {
    std::vector<std::unique_ptr<Subject>> out;
    for (const std::string_view text : kTokenizers)
      out.push_back(
          std::make_unique<Subject>(valence::parse_tokenizer_json(text, "tokenizer.json")));
    for (const bool prefix : {false, true})
      out.push_back(std::make_unique<Subject>(
          byte_level({{"type", "ByteLevel"}, {"add_prefix_space", prefix}})));
    for (const auto expression : {valence::kLlama3Expression, valence::kQwen2Expression})
      out.push_back(std::make_unique<Subject>(byte_level(valence::split_by(expression))));
    return out;
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  // Where a space is put in front of every part of the text, trimming takes it for one of the
  // text's own and moves that token's begin past the next one's, as in Hugging Face.
  const Subject& subject = *subjects()[data[0] % subjects().size()];
  valence::fuzz::check_encoding(subject.tokenizer, text, !subject.adds_space());
  valence::fuzz::check_fast_path(subject.pipeline, subject.tokenizer, text);
  return 0;
}
