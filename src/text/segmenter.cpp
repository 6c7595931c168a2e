#include "text/segmenter.h"

#include <array>
#include <utility>

#include "valence/error.h"

namespace valence {
namespace {

using Make = std::unique_ptr<Segmenter> (*)(const JsonRef&, const TokenizerSpec&,
                                            const Vocabulary&);

constexpr auto kSegmenters = std::to_array<std::pair<std::string_view, Make>>({
    {"WordPiece", make_word_piece},
    {"BPE", make_bpe},
    {"Unigram", make_unigram},
    {"WordLevel", make_word_level},
});

}  // namespace

std::unique_ptr<Segmenter> make_segmenter(const TokenizerSpec& spec, const Vocabulary& vocabulary) {
  const JsonRef model = JsonRef(spec.pipeline, "tokenizer").at("model");
  const std::string type = model.at("type").string();
  for (const auto& [name, make] : kSegmenters)
    if (name == type) return make(model, spec, vocabulary);
  throw Error(ErrorCode::kUnsupported,
              model.path() + ": the tokenizer model \"" + type + "\" is not known");
}

std::int32_t UnknownToken::id() const {
  if (!id_)
    throw Error(ErrorCode::kCorrupt,
                "the tokenizer's unknown token \"" + text_ +
                    "\" is not in its vocabulary, and the text needs it; repair the tokenizer");
  return *id_;
}

ByteTokens::ByteTokens(const Vocabulary& vocabulary) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const std::string token{'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
    ids_.push_back(vocabulary.find(token).value_or(-1));
  }
}

std::optional<std::vector<std::int32_t>> ByteTokens::find(std::string_view bytes) const {
  std::vector<std::int32_t> out;
  for (const char byte : bytes) {
    out.push_back(ids_[static_cast<unsigned char>(byte)]);
    if (out.back() < 0) return std::nullopt;
  }
  return out;
}

}  // namespace valence
