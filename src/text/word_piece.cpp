// WordPiece: the longest token at each place; a word that cannot be covered is unknown as a whole.
#include <limits>

#include "text/byte_trie.h"
#include "text/segmenter.h"

namespace valence {
namespace {

class WordPiece final : public Segmenter {
 public:
  WordPiece(const JsonRef& model, const TokenizerSpec& spec, const Vocabulary& vocabulary)
      : max_code_points_(model.at("max_input_chars_per_word")
                             .integer_in(0, std::numeric_limits<std::int64_t>::max())),
        unknown_(model.at("unk_token").string(), vocabulary) {
    const std::string prefix = model.at("continuing_subword_prefix").string();
    for (std::size_t i = 0; i < spec.tokens.size(); ++i) {
      const std::string_view token = spec.tokens[i];
      if (token.empty()) continue;
      starts_.insert(token, static_cast<std::int32_t>(i));
      if (token.starts_with(prefix) && token.size() > prefix.size())
        continuations_.insert(token.substr(prefix.size()), static_cast<std::int32_t>(i));
    }
  }

  void segment(std::string_view word, std::vector<Piece>& out) const override {
    const std::size_t before = out.size();
    if (!is_too_long(word) && cover(word, out)) return;
    out.resize(before);
    out.push_back({unknown_.id(), 0, static_cast<std::uint32_t>(word.size())});
  }

 private:
  bool is_too_long(std::string_view word) const {
    if (static_cast<std::int64_t>(word.size()) <= max_code_points_) return false;
    std::int64_t count = 0;
    for (const char c : word) count += (static_cast<unsigned char>(c) >> 6) == 2 ? 0 : 1;
    return count > max_code_points_;
  }

  bool cover(std::string_view word, std::vector<Piece>& out) const {
    for (std::size_t begin = 0; begin < word.size();) {
      const Piece piece = longest(begin == 0 ? starts_ : continuations_, word, begin);
      if (piece.id < 0) return false;
      out.push_back(piece);
      begin = piece.end;
    }
    return true;
  }

  static Piece longest(const ByteTrie& trie, std::string_view word, std::size_t begin) {
    const auto from = static_cast<std::uint32_t>(begin);
    Piece best{ByteTrie::kNone, from, from};
    std::int32_t node = 0;
    for (std::size_t pos = begin; pos < word.size();) {
      node = trie.step(node, static_cast<unsigned char>(word[pos++]));
      if (node == ByteTrie::kNone) break;
      if (trie.value(node) != ByteTrie::kNone)
        best = {trie.value(node), from, static_cast<std::uint32_t>(pos)};
    }
    return best;
  }

  std::int64_t max_code_points_;
  UnknownToken unknown_;
  ByteTrie starts_, continuations_;
};

}  // namespace

std::unique_ptr<Segmenter> make_word_piece(const JsonRef& model, const TokenizerSpec& spec,
                                           const Vocabulary& vocabulary) {
  return std::make_unique<WordPiece>(model, spec, vocabulary);
}

}  // namespace valence
