// BPE: neighbouring symbols are merged, the best-ranked pair first and the leftmost of equals.
#include <algorithm>
#include <array>
#include <limits>
#include <queue>

#include "base/flat_map.h"
#include "base/utf8.h"
#include "text/segmenter.h"
#include "valence/error.h"

namespace valence {
namespace {

struct Merge {
  std::uint32_t rank;
  std::int32_t id;  // of the merged token
};
using Merges = FlatMap<Merge>;

std::uint64_t pair_key(std::int32_t left, std::int32_t right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
         static_cast<std::uint32_t>(right);
}

// The code points of byte-level vocabularies are among them.
std::array<std::int32_t, 512> ids_of_first_code_points(const Vocabulary& vocabulary) {
  std::array<std::int32_t, 512> ids{};
  for (std::size_t c = 0; c < ids.size(); ++c) {
    std::string symbol;
    append_utf8(symbol, static_cast<char32_t>(c));
    ids[c] = vocabulary.find(symbol).value_or(-1);
  }
  return ids;
}

// A word's symbols as a linked list in a vector.
class Word {
 public:
  static constexpr std::size_t kShort = 32;  // symbols

  explicit Word(std::size_t most) { symbols_.reserve(most); }

  std::size_t size() const { return symbols_.size(); }

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
      const Merge* found = merges.find(pair_key(left.id, right.id));
      if (found == nullptr || found->id != best.id) continue;  // the pair has changed
      left.id = best.id;
      left.length += right.length;
      right.length = 0;
      left.next = right.next;
      if (left.next >= 0) symbols_[static_cast<std::size_t>(left.next)].previous = best.left;
      if (left.previous >= 0) propose(merges, left.previous);
      propose(merges, best.left);
    }
  }

  // The same for a short word whose symbols are all in the vocabulary: it looks through all pairs
  // for the best one.
  void merge_short(const Merges& merges) {
    constexpr Merge kNone{std::numeric_limits<std::uint32_t>::max(), -1};
    const auto merge_at = [&](std::size_t i) {
      const Merge* found = merges.find(pair_key(symbols_[i].id, symbols_[i + 1].id));
      return found == nullptr ? kNone : *found;
    };
    std::array<Merge, kShort> pairs{};  // of each symbol and the next
    std::size_t count = symbols_.empty() ? 0 : symbols_.size() - 1;
    for (std::size_t i = 0; i < count; ++i) pairs[i] = merge_at(i);
    while (count > 0) {
      const auto best = static_cast<std::size_t>(
          std::min_element(pairs.begin(), pairs.begin() + count,
                           [](const Merge& a, const Merge& b) { return a.rank < b.rank; }) -
          pairs.begin());
      if (pairs[best].id < 0) return;
      symbols_[best].id = pairs[best].id;
      symbols_[best].length += symbols_[best + 1].length;
      symbols_.erase(symbols_.begin() + static_cast<std::ptrdiff_t>(best) + 1);
      std::copy(pairs.begin() + best + 1, pairs.begin() + count, pairs.begin() + best);
      --count;
      if (best > 0) pairs[best - 1] = merge_at(best - 1);
      if (best < count) pairs[best] = merge_at(best);
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
    const Merge* found =
        merges.find(pair_key(left.id, symbols_[static_cast<std::size_t>(left.next)].id));
    if (found != nullptr) queue_.push({found->rank, index, found->id});
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
        is_plain_(prefix_.empty() && suffix_.empty()),
        frequent_ids_(ids_of_first_code_points(vocabulary)),
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
    bool all_known = true;
    Word symbols = symbols_of(word, all_known);
    if (all_known && is_plain_ && symbols.size() <= Word::kShort)
      symbols.merge_short(merges_);
    else
      symbols.merge(merges_);
    symbols.append_to(out);
  }

 private:
  void read_merges(const JsonRef& model, const TokenizerSpec& spec) {
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
  Word symbols_of(std::string_view word, bool& all_known) const {
    Word symbols(word.size());
    std::size_t unknown_length = 0;
    const auto release = [&] {
      if (unknown_length > 0) symbols.add(unknown_->id(), unknown_length);
      unknown_length = 0;
    };
    std::string buffer;
    for (std::size_t begin = 0; begin < word.size();) {
      const CodePoint point = decode_utf8(word, begin);
      const std::size_t length = point.length;
      const std::string_view symbol = decorate(word, begin, length, buffer);
      begin += length;
      if (const auto id = find_symbol(point.value, symbol)) {
        release();
        symbols.add(*id, length);
        continue;
      }
      all_known = false;
      if (add_bytes(symbol, symbols) || !unknown_) continue;
      if (!fuse_unknown_) release();
      unknown_length += length;
    }
    release();
    return symbols;
  }

  std::optional<std::int32_t> find_symbol(char32_t point, std::string_view symbol) const {
    if (!is_plain_ || point >= frequent_ids_.size()) return vocabulary_.find(symbol);
    const std::int32_t id = frequent_ids_[point];
    return id < 0 ? std::nullopt : std::optional(id);
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
  bool is_plain_;                               // without prefix and suffix
  std::array<std::int32_t, 512> frequent_ids_;  // of the first code points; -1: none
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
