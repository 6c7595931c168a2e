// Byte-level BPE without a normalizer: the words of GPT-2 and of its followers, one by one.
#include <algorithm>

#include "text/byte_level_words.h"
#include "text/fast_path.h"

namespace valence {
namespace {

class FastByteLevel final : public FastPath {
 public:
  FastByteLevel(const Pipeline& pipeline, EndOfWord end_of_word, bool add_prefix_space)
      : pipeline_(pipeline),
        added_(pipeline.added, AddedTokenSearch::unchanged()),
        end_of_word_(end_of_word),
        add_prefix_space_(add_prefix_space) {}

  bool tokenize(std::string_view text, Encoding& out) const override {
    if (added_.finds_any(text)) return false;
    std::size_t pos = 0;
    if (add_prefix_space_ && !text.starts_with(' ')) {
      pos = end_of_first_part(text);
      pipeline_.tokenize(text, 0, static_cast<std::uint32_t>(pos), out);
    }
    while (pos < text.size()) {
      const std::size_t end = end_of_word_(text, pos);
      append_word(text, pos, end, out);
      pos = end;
    }
    return true;
  }

 private:
  // A space behind another visible character starts a word, whatever stands around the two.
  static std::size_t end_of_first_part(std::string_view text) {
    for (std::size_t pos = 1; pos < text.size(); ++pos)
      if (text[pos] == ' ' && text[pos - 1] > ' ' && text[pos - 1] < '\x7F') return pos;
    return text.size();
  }

  void append_word(std::string_view text, std::size_t begin, std::size_t end, Encoding& out) const {
    // Trimming treats a space in front of the first token in a way of its own.
    const bool is_special = out.ids.empty() && text[begin] == ' ';
    const WordKey key = is_special ? WordKey{} : WordKey::of(text, begin, end);
    cache_.append(key, begin, out, [&] {
      AlignedText word(text.substr(begin, end - begin));
      to_byte_level(word);
      SplitText words;
      words.add(word);
      pipeline_.segment(words, text, static_cast<std::uint32_t>(begin), out);
    });
  }

  const Pipeline& pipeline_;
  AddedTokenSearch added_;
  EndOfWord end_of_word_;
  bool add_prefix_space_;
  mutable WordCache cache_;
};

// Whether every token stands for just its own text: then how offsets are trimmed depends on the
// word alone.
bool is_complete(const Pipeline& pipeline) {
  const JsonRef model = JsonRef(pipeline.spec.pipeline, "tokenizer").at("model");
  if (!has_type(model, "BPE") || !model.string_or("continuing_subword_prefix", "").empty() ||
      !model.string_or("end_of_word_suffix", "").empty())
    return false;
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::string token;
    append_utf8(token, byte_level_code_point(static_cast<unsigned char>(byte)));
    if (!pipeline.vocabulary.find(token)) return false;
  }
  return true;
}

std::unique_ptr<FastPath> make_split_by_expression(const Pipeline& pipeline, const JsonRef& list) {
  if (list.size() != 2) return nullptr;
  const JsonRef split = list.at(std::size_t{0});
  const JsonRef byte_level = list.at(std::size_t{1});
  if (!has_type(split, "Split") || split.at("behavior").string() != "Isolated" ||
      split.at("invert").boolean() || !split.at("pattern").has("Regex") ||
      !has_type(byte_level, "ByteLevel") || byte_level.at("add_prefix_space").boolean() ||
      byte_level.boolean_or("use_regex", true))
    return nullptr;
  const EndOfWord words = find_byte_level_words(split.at("pattern").at("Regex").string());
  return words == nullptr ? nullptr : std::make_unique<FastByteLevel>(pipeline, words, false);
}

}  // namespace

std::unique_ptr<FastPath> make_fast_byte_level(const Pipeline& pipeline) {
  const JsonRef json = pipeline.component("pre_tokenizer");
  if (!pipeline.component("normalizer").is_null() || !is_complete(pipeline)) return nullptr;
  if (has_type(json, "Sequence"))
    return make_split_by_expression(pipeline, json.at("pretokenizers"));
  if (!has_type(json, "ByteLevel") || !json.boolean_or("use_regex", true)) return nullptr;
  return std::make_unique<FastByteLevel>(pipeline, end_of_gpt2_word,
                                         json.at("add_prefix_space").boolean());
}

}  // namespace valence
