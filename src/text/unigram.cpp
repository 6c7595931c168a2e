// Unigram: the cut of the word with the highest sum of log-probabilities (Viterbi).
#include <cmath>
#include <limits>

#include "base/utf8.h"
#include "text/byte_trie.h"
#include "text/segmenter.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr double kUnknownPenalty = 10.0;

class Unigram final : public Segmenter {
 public:
  Unigram(const JsonRef& model, const TokenizerSpec& spec, const Vocabulary& vocabulary)
      : scores_(spec.scores),
        byte_tokens_(vocabulary),
        byte_fallback_(model.boolean_or("byte_fallback", false)) {
    if (spec.scores.size() != spec.tokens.size())
      throw Error(ErrorCode::kCorrupt, model.path() + ": " + std::to_string(spec.tokens.size()) +
                                           " tokens have " + std::to_string(spec.scores.size()) +
                                           " scores");
    double lowest = std::numeric_limits<double>::infinity();
    for (std::size_t id = 0; id < spec.tokens.size(); ++id) {
      if (!std::isfinite(spec.scores[id]))
        throw Error(ErrorCode::kCorrupt,
                    model.path() + ": the score of token " + std::to_string(id) + " is no number");
      lowest = std::min(lowest, spec.scores[id]);
      if (!spec.tokens[id].empty())
        trie_.insert(spec.tokens[id], static_cast<std::int32_t>(id));  // the last of equal tokens
    }
    unknown_score_ = lowest - kUnknownPenalty;
    if (model.has("unk_id"))
      unknown_ = static_cast<std::int32_t>(
          model.at("unk_id").integer_in(0, static_cast<std::int64_t>(spec.tokens.size()) - 1));
  }

  void segment(std::string_view word, std::vector<Piece>& out) const override {
    const std::vector<Node> best = best_paths(word);
    std::vector<Piece> pieces;  // last first
    bool after_unknown = false;
    for (std::size_t end = word.size(); end > 0;) {
      const Node& node = best[end];
      const bool unknown = node.id == unknown_;
      if (unknown && after_unknown)
        pieces.back().begin = node.begin;
      else
        pieces.push_back({node.id, node.begin, static_cast<std::uint32_t>(end)});
      after_unknown = unknown;
      end = node.begin;
    }
    for (std::size_t i = pieces.size(); i-- > 0;) add(word, pieces[i], out);
  }

  bool shows_text(std::int32_t id) const override { return id == unknown_; }

 private:
  struct Node {  // the best path that ends at a byte: its last token and its score
    double score = 0;
    std::uint32_t begin = kNowhere;
    std::int32_t id = 0;
  };
  static constexpr std::uint32_t kNowhere = 0xFFFFFFFF;

  std::vector<Node> best_paths(std::string_view word) const {
    std::vector<Node> best(word.size() + 1);
    for (std::size_t begin = 0; begin < word.size();) {
      const std::size_t length = decode_utf8(word, begin).length;
      const double score = best[begin].score;
      const auto offer = [&](std::size_t end, std::int32_t id, double token_score) {
        const double total = token_score + score;
        Node& node = best[end];
        if (node.begin == kNowhere || total > node.score)
          node = {total, static_cast<std::uint32_t>(begin), id};
      };
      bool covered = false;  // by a token of one code point
      std::int32_t node = 0;
      for (std::size_t pos = begin; pos < word.size();) {
        node = trie_.step(node, static_cast<unsigned char>(word[pos++]));
        if (node == ByteTrie::kNone) break;
        const std::int32_t id = trie_.value(node);
        if (id == ByteTrie::kNone) continue;
        offer(pos, id, scores_[static_cast<std::size_t>(id)]);
        covered = covered || pos == begin + length;
      }
      if (!covered) offer(begin + length, unknown(), unknown_score_);
      begin += length;
    }
    return best;
  }

  std::int32_t unknown() const {
    if (unknown_ < 0)
      throw Error(
          ErrorCode::kCorrupt,
          "the tokenizer has no unknown token, and the text needs it; repair the tokenizer");
    return unknown_;
  }

  std::int32_t find(std::string_view text) const {
    std::int32_t node = 0;
    for (const char c : text) {
      node = trie_.step(node, static_cast<unsigned char>(c));
      if (node == ByteTrie::kNone) return ByteTrie::kNone;
    }
    return trie_.value(node);
  }

  // A run of unknowns that happens to be a token is that token.
  void add(std::string_view word, Piece piece, std::vector<Piece>& out) const {
    if (piece.id != unknown_) {
      out.push_back(piece);
      return;
    }
    const std::string_view text = word.substr(piece.begin, piece.end - piece.begin);
    const std::int32_t id = find(text);
    if (id == ByteTrie::kNone && byte_fallback_) {
      if (const auto bytes = byte_tokens_.find(text)) {
        for (const std::int32_t byte : *bytes) out.push_back({byte, piece.begin, piece.end});
        return;
      }
    }
    if (id != ByteTrie::kNone) piece.id = id;
    out.push_back(piece);
  }

  const std::vector<double>& scores_;
  ByteTrie trie_;
  ByteTokens byte_tokens_;
  bool byte_fallback_;
  double unknown_score_ = 0;
  std::int32_t unknown_ = -1;
};

}  // namespace

std::unique_ptr<Segmenter> make_unigram(const JsonRef& model, const TokenizerSpec& spec,
                                        const Vocabulary& vocabulary) {
  return std::make_unique<Unigram>(model, spec, vocabulary);
}

}  // namespace valence
