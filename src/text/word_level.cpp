// WordLevel: each word is a token or unknown.
#include "text/segmenter.h"

namespace valence {
namespace {

class WordLevel final : public Segmenter {
 public:
  WordLevel(const JsonRef& model, const Vocabulary& vocabulary)
      : vocabulary_(vocabulary), unknown_(model.at("unk_token").string(), vocabulary) {}

  void segment(std::string_view word, std::vector<Piece>& out) const override {
    const auto id = vocabulary_.find(word);
    out.push_back({id ? *id : unknown_.id(), 0, static_cast<std::uint32_t>(word.size())});
  }

 private:
  const Vocabulary& vocabulary_;
  UnknownToken unknown_;
};

}  // namespace

std::unique_ptr<Segmenter> make_word_level(const JsonRef& model, const TokenizerSpec& /*spec*/,
                                           const Vocabulary& vocabulary) {
  return std::make_unique<WordLevel>(model, vocabulary);
}

}  // namespace valence
