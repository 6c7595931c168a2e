// ByteLevel: GPT-2's words, each byte then written as a visible code point.
#include "base/utf8.h"
#include "text/normalizer.h"
#include "text/pre_tokenizer.h"
#include "text/unicode.h"

namespace valence {
namespace {

enum class Kind { kLetter, kNumber, kSpace, kOther };

Kind kind_of(char32_t c) {
  if (unicode::is_letter(c)) return Kind::kLetter;
  if (unicode::is_number(c)) return Kind::kNumber;
  return unicode::is_whitespace(c) ? Kind::kSpace : Kind::kOther;
}

// Bytes of 's 't 're 've 'm 'll 'd at the start of `text`, or 0.
std::size_t contraction(std::string_view text) {
  if (text.size() < 2 || text[0] != '\'') return 0;
  if (text[1] == 's' || text[1] == 't' || text[1] == 'm' || text[1] == 'd') return 2;
  const std::string_view two = text.substr(1, 2);
  return two == "re" || two == "ve" || two == "ll" ? 3 : 0;
}

// Steps through the matches of GPT-2's expression, which leave nothing out:
// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
class Gpt2Words {
 public:
  explicit Gpt2Words(std::string_view text) : text_(text) {}

  std::vector<Match> cut() {
    std::vector<Match> out;
    for (std::size_t begin = 0; begin < text_.size();) {
      const std::size_t end = end_of_word(begin);
      out.push_back({begin, end, false});
      begin = end;
    }
    return out;
  }

 private:
  std::size_t end_of_word(std::size_t begin) const {
    if (const std::size_t length = contraction(text_.substr(begin))) return begin + length;
    const std::size_t first = text_[begin] == ' ' ? begin + 1 : begin;
    if (first < text_.size()) {
      const Kind kind = kind_of(decode_utf8(text_, first).value);
      if (kind != Kind::kSpace) return end_of_run(first, kind);
    }
    return end_of_space(begin);
  }

  std::size_t end_of_run(std::size_t pos, Kind kind) const {
    while (pos < text_.size()) {
      const CodePoint point = decode_utf8(text_, pos);
      if (kind_of(point.value) != kind) break;
      pos += point.length;
    }
    return pos;
  }

  // All of the white space at the end of the text; before a word, all but the last.
  std::size_t end_of_space(std::size_t begin) const {
    std::size_t last = begin;
    std::size_t pos = begin;
    while (pos < text_.size()) {
      const CodePoint point = decode_utf8(text_, pos);
      if (!unicode::is_whitespace(point.value)) break;
      last = pos;
      pos += point.length;
    }
    return pos == text_.size() || last == begin ? pos : last;
  }

  std::string_view text_;
};

class ByteLevel final : public PreTokenizer {
 public:
  explicit ByteLevel(const JsonRef& json)
      : add_prefix_space_(json.at("add_prefix_space").boolean()),
        use_regex_(json.boolean_or("use_regex", true)) {}

  void apply(SplitText& text) const override {
    if (add_prefix_space_)
      text.rewrite([](AlignedText split, SplitText& out) {
        if (!split.text.starts_with(' ')) split.prepend(" ");
        out.add(split);
      });
    if (use_regex_) text.cut([](std::string_view split) { return Gpt2Words(split).cut(); });
    text.rewrite([](AlignedText split, SplitText& out) {
      to_byte_level(split);
      out.add(split);
    });
  }

 private:
  bool add_prefix_space_, use_regex_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_byte_level_pre_tokenizer(const JsonRef& json) {
  return std::make_unique<ByteLevel>(json);
}

}  // namespace valence
