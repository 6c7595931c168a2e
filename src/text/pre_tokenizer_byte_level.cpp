// ByteLevel: GPT-2's words, each byte then written as a visible code point.
#include "text/byte_level_words.h"
#include "text/normalizer.h"
#include "text/pre_tokenizer.h"

namespace valence {
namespace {

std::vector<Match> cut_gpt2_words(std::string_view text) {
  std::vector<Match> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = end_of_gpt2_word(text, begin);
    out.push_back({begin, end, false});
    begin = end;
  }
  return out;
}

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
    if (use_regex_) text.cut([](std::string_view split) { return cut_gpt2_words(split); });
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
