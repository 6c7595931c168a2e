// BPE: neighbouring symbols are merged, the best-ranked pair first and the leftmost of equals.
#include <algorithm>
#include <queue>

#include "base/utf8.h"
#include "text/segmenter.h"
#include "valence/error.h"

namespace valence {
namespace {

struct Merge {
  std::uint32_t rank;
  std::int32_t id;  // of the merged token
};
using Merges = std::unordered_map<std::uint64_t, Merge>;

std::uint64_t pair_key(std::int32_t left, std::int32_t right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
         static_cast<std::uint32_t>(right);
}

// A word's symbols as a linked list in a vector.
class Word {
 public:
  void add(std::int32_t id, std::size_t length) {
    const auto index = static_cast<std::int32_t>(symbols_.size());
    if (index > 0) symbols_.back().next = index;
    symbols_.push_back({id, index - 1, -1, static_cast<std::uint32_t>(length)});
  }

  void merge(const Merges& merges) {
    for (std::size_t i = 0; i + 1 < symbols_.size(); ++i)
      propose(merges, static_cast<std::int32_t>(i));
    while (!queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      Symbol& left = symbols_[static_cast<std::size_t>(best.left)];
      if (left.length == 0 || left.next < 0) continue;
      Symbol& right = symbols_[static_cast<std::size_t>(left.next)];
      const auto found = merges.find(pair_key(left.id, right.id));
      if (found == merges.end() || found->second.id != best.id) continue;  // the pair has changed
      left.id = best.id;
      left.length += right.length;
      right.length = 0;
      left.next = right.next;
      if (left.next >= 0) symbols_[static_cast<std::size_t>(left.next)].previous = best.left;
      if (left.previous >= 0) propose(merges, left.previous);
      propose(merges, best.left);
    }
  }

  void append_to(std::vector<Piece>& out) const {
    std::uint32_t begin = 0;
    for (const Symbol& symbol : symbols_) {
      if (symbol.length == 0) continue;
      out.push_back({symbol.id, begin, begin + symbol.length});
      begin += symbol.length;
    }
  }

 private:
  struct Symbol {
    std::int32_t id;
    std::int32_t previous, next;  // -1: none
    std::uint32_t length;         // in bytes; 0: merged into the one before
  };
  struct Candidate {
    std::uint32_t rank;
    std::int32_t left;
    std::int32_t id;
    bool operator<(const Candidate& other) const {  // the queue's top is the largest
      return rank != other.rank ? rank > other.rank : left > other.left;
    }
  };

  void propose(const Merges& merges, std::int32_t index) {
    const Symbol& left = symbols_[static_cast<std::size_t>(index)];
    if (left.next < 0) return;
    const auto found =
        merges.find(pair_key(left.id, symbols_[static_cast<std::size_t>(left.next)].id));
    if (found != merges.end()) queue_.push({found->second.rank, index, found->second.id});
  }

  std::vector<Symbol> symbols_;
  std::priority_queue<Candidate> queue_;
};

class Bpe final : public Segmenter {
 public:
  Bpe(const JsonRef& model, const TokenizerSpec& spec, const Vocabulary& vocabulary)
      : vocabulary_(vocabulary),
        byte_tokens_(vocabulary),
        prefix_(model.string_or("continuing_subword_prefix", "")),
        suffix_(model.string_or("end_of_word_suffix", "")),
        fuse_unknown_(model.boolean_or("fuse_unk", false)),
        byte_fallback_(model.boolean_or("byte_fallback", false)),
        ignore_merges_(model.boolean_or("ignore_merges", false)) {
    if (model.number_or("dropout", 0) != 0)
      throw Error(ErrorCode::kUnsupported,
                  model.path() + "/dropout: random merges give no stable ids; set it to null");
    if (model.has("unk_token")) unknown_.emplace(model.at("unk_token").string(), vocabulary);
    read_merges(model, spec);
  }

  void segment(std::string_view word, std::vector<Piece>& out) const override {
    if (ignore_merges_) {
      if (const auto id = vocabulary_.find(word)) {
        out.push_back({*id, 0, static_cast<std::uint32_t>(word.size())});
        return;
      }
    }
    Word symbols = symbols_of(word);
    symbols.merge(merges_);
    symbols.append_to(out);
  }

 private:
  void read_merges(const JsonRef& model, const TokenizerSpec& spec) {
    merges_.reserve(spec.merges.size());
    for (std::size_t rank = 0; rank < spec.merges.size(); ++rank) {
      const auto& [left, right] = spec.merges[rank];
      const auto left_id = vocabulary_.find(left);
      const auto right_id = vocabulary_.find(right);
      const auto id = right.size() < prefix_.size()
                          ? std::nullopt
                          : vocabulary_.find(left + right.substr(prefix_.size()));
      if (!left_id || !right_id || !id)
        throw Error(ErrorCode::kCorrupt, model.path() + "/merges/" + std::to_string(rank) + ": \"" +
                                             left + " " + right +
                                             "\" has a token that is not in the vocabulary");
      merges_.insert_or_assign(pair_key(*left_id, *right_id),
                               Merge{static_cast<std::uint32_t>(rank), *id});
    }
  }

  // An unknown is held back until a known symbol or the end of the word. Byte tokens do not release
  // it, so it comes behind them; and what has no token at all leaves no symbol. So does Hugging
  // Face.
  Word symbols_of(std::string_view word) const {
    Word symbols;
    std::size_t unknown_length = 0;
    const auto release = [&] {
      if (unknown_length > 0) symbols.add(unknown_->id(), unknown_length);
      unknown_length = 0;
    };
    std::string buffer;
    for (std::size_t begin = 0; begin < word.size();) {
      const std::size_t length = decode_utf8(word, begin).length;
      const std::string_view symbol = decorate(word, begin, length, buffer);
      begin += length;
      if (const auto id = vocabulary_.find(symbol)) {
        release();
        symbols.add(*id, length);
        continue;
      }
      if (add_bytes(symbol, symbols) || !unknown_) continue;
      if (!fuse_unknown_) release();
      unknown_length += length;
    }
    release();
    return symbols;
  }

  // One code point of the word with the prefix of inner symbols and the suffix of the last.
  std::string_view decorate(std::string_view word, std::size_t begin, std::size_t length,
                            std::string& buffer) const {
    const bool inner = begin > 0 && !prefix_.empty();
    const bool last = begin + length == word.size() && !suffix_.empty();
    const std::string_view symbol = word.substr(begin, length);
    if (!inner && !last) return symbol;
    buffer.assign(inner ? prefix_ : "").append(symbol).append(last ? suffix_ : "");
    return buffer;
  }

  bool add_bytes(std::string_view symbol, Word& symbols) const {
    if (!byte_fallback_) return false;
    const auto ids = byte_tokens_.find(symbol);
    if (!ids) return false;
    for (const std::int32_t id : *ids) symbols.add(id, 1);
    return true;
  }

  const Vocabulary& vocabulary_;
  ByteTokens byte_tokens_;
  std::string prefix_, suffix_;
  bool fuse_unknown_, byte_fallback_, ignore_merges_;
  std::optional<UnknownToken> unknown_;
  Merges merges_;
};

}  // namespace

std::unique_ptr<Segmenter> make_bpe(const JsonRef& model, const TokenizerSpec& spec,
                                    const Vocabulary& vocabulary) {
  return std::make_unique<Bpe>(model, spec, vocabulary);
}

}  // namespace valence
