// BertNormalizer and BertPreTokenizer, before any segmenter.
//
// Of ASCII, the two make words of small letters and digits, drop white space and set punctuation
// apart; and neither looks across white space or punctuation.
#include "text/byte_block.h"
#include "text/fast_path.h"
#include "text/unicode.h"

namespace valence {
namespace {

enum class Kind : std::uint8_t { kWord, kSpace, kPunctuation, kOther };

// Control characters count as other: they may be dropped or kept.
constexpr auto kKinds = [] {
  std::array<Kind, 256> kinds{};
  for (std::size_t c = 0; c < kinds.size(); ++c) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    kinds[c] = digit || letter         ? Kind::kWord
               : space                 ? Kind::kSpace
               : c > ' ' && c < '\x7F' ? Kind::kPunctuation
                                       : Kind::kOther;
  }
  return kinds;
}();

Kind kind_at(std::string_view text, std::size_t pos) {
  return kKinds[static_cast<unsigned char>(text[pos])];
}

AddedTokenSearch::ByteMap ascii_normalized(const JsonRef& normalizer) {
  AddedTokenSearch::ByteMap map = AddedTokenSearch::unchanged();
  if (normalizer.at("lowercase").boolean())
    for (std::size_t c = 'A'; c <= 'Z'; ++c) map[c] = static_cast<char>(c + 'a' - 'A');
  if (normalizer.at("clean_text").boolean())
    for (const char c : {'\t', '\n', '\r'}) map[static_cast<unsigned char>(c)] = ' ';
  return map;
}

class FastBert final : public FastPath {
 public:
  FastBert(const Pipeline& pipeline, const JsonRef& normalizer)
      : pipeline_(pipeline),
        added_(pipeline.added, ascii_normalized(normalizer)),
        lower_case_(normalizer.at("lowercase").boolean()) {}

  bool tokenize(std::string_view text, Encoding& out) const override {
    if (added_.finds_any(text)) return false;
    for (std::size_t pos = 0; pos < text.size();) {
      const Kind kind = kind_at(text, pos);
      std::size_t end = pos + 1;
      if (kind == Kind::kSpace) {
        pos = end;
        continue;
      }
      if (kind != Kind::kPunctuation) end = end_of_run(text, pos, ascii_letters_and_digits);
      if (kind != Kind::kPunctuation && end < text.size() && kind_at(text, end) == Kind::kOther) {
        if (!pipeline_.added.normalized().is_empty()) return false;
        end = end_of_mixed(text, end);
        append_mixed(text, pos, end, out);
      } else {
        append_ascii(text, pos, end, out);
      }
      pos = end;
    }
    return true;
  }

 private:
  static std::size_t end_of_mixed(std::string_view text, std::size_t pos) {
    while (pos < text.size() && kind_at(text, pos) != Kind::kSpace &&
           kind_at(text, pos) != Kind::kPunctuation)
      ++pos;
    return pos;
  }

  void append_mixed(std::string_view text, std::size_t begin, std::size_t end,
                    Encoding& out) const {
    cache_.append(WordKey::of(text, begin, end), begin, out, [&] {
      pipeline_.tokenize(text, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                         out);
    });
  }

  // A word of ASCII: only its case can change before it reaches the segmenter.
  void append_ascii(std::string_view text, std::size_t begin, std::size_t end,
                    Encoding& out) const {
    const WordKey key = lower_case_ ? WordKey::of(text, begin, end, lower_case_block)
                                    : WordKey::of(text, begin, end);
    cache_.append(key, begin, out, [&] {
      std::string word(text.substr(begin, end - begin));
      if (lower_case_)
        for (char& c : word)
          c = static_cast<char>(unicode::lower_case(static_cast<unsigned char>(c)).first);
      std::vector<Piece> pieces;
      pipeline_.segmenter->segment(word, pieces);
      const auto from = static_cast<std::uint32_t>(begin);
      for (const Piece& piece : pieces) {
        out.ids.push_back(piece.id);
        out.offsets.push_back({from + piece.begin, from + piece.end});
      }
    });
  }

  const Pipeline& pipeline_;
  AddedTokenSearch added_;
  bool lower_case_;
  mutable WordCache cache_;
};

}  // namespace

std::unique_ptr<FastPath> make_fast_bert(const Pipeline& pipeline) {
  const JsonRef normalizer = pipeline.component("normalizer");
  const JsonRef pre_tokenizer = pipeline.component("pre_tokenizer");
  if (!has_type(normalizer, "BertNormalizer") || !has_type(pre_tokenizer, "BertPreTokenizer") ||
      !pipeline.post_processor.trims.empty())
    return nullptr;
  return std::make_unique<FastBert>(pipeline, normalizer);
}

}  // namespace valence
