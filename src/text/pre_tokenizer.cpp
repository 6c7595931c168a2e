#include "text/pre_tokenizer.h"

#include <array>
#include <functional>
#include <utility>

#include "base/utf8.h"
#include "text/unicode.h"
#include "valence/error.h"

namespace valence {
namespace {

using Cut = std::function<std::vector<Match>(std::string_view)>;

// A pre-tokenizer that cuts each split by one function.
class Cutter final : public PreTokenizer {
 public:
  explicit Cutter(Cut cut) : cut_(std::move(cut)) {}
  void apply(SplitText& text) const override { text.cut(cut_); }

 private:
  Cut cut_;
};

std::unique_ptr<PreTokenizer> make(Cut cut) {
  return std::make_unique<Cutter>(std::move(cut));
}

class Sequence final : public PreTokenizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<PreTokenizer>> parts) : parts_(std::move(parts)) {}
  void apply(SplitText& text) const override {
    for (const auto& part : parts_) part->apply(text);
  }

 private:
  std::vector<std::unique_ptr<PreTokenizer>> parts_;
};

std::unique_ptr<PreTokenizer> make_sequence(const JsonRef& json) {
  std::vector<std::unique_ptr<PreTokenizer>> parts;
  const JsonRef list = json.at("pretokenizers");
  if (!list.is_array()) list.fail("expected an array");
  parts.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) parts.push_back(make_pre_tokenizer(list.at(i)));
  return std::make_unique<Sequence>(std::move(parts));
}

// Drops white space and cuts punctuation off, in one go.
std::vector<Match> cut_like_bert(std::string_view text) {
  std::vector<Match> out;
  std::size_t word = 0;
  const auto end_word = [&](std::size_t end) {
    if (word < end) out.push_back({word, end, false});
  };
  for_each_code_point(text, [&](char32_t c, std::size_t begin, std::size_t end) {
    const bool space = unicode::is_whitespace(c);
    if (!space && !unicode::is_punctuation(c)) return;
    end_word(begin);
    if (!space) out.push_back({begin, end, false});
    word = end;
  });
  end_word(text.size());
  return out;
}

std::unique_ptr<PreTokenizer> make_bert(const JsonRef& /*json*/) {
  return make(cut_like_bert);
}

// The matches of \w+|[^\w\s]+.
std::vector<Match> cut_words(std::string_view text) {
  enum Kind { kSpace, kWord, kSymbol };
  std::vector<Match> out;
  Kind last = kSpace;
  for_each_code_point(text, [&](char32_t c, std::size_t begin, std::size_t end) {
    const Kind kind = unicode::is_word(c) ? kWord : unicode::is_whitespace(c) ? kSpace : kSymbol;
    if (kind != kSpace) {
      if (kind == last)
        out.back().end = end;
      else
        out.push_back({begin, end, false});
    }
    last = kind;
  });
  return out;
}

std::unique_ptr<PreTokenizer> make_whitespace(const JsonRef& /*json*/) {
  return make(cut_words);
}

std::unique_ptr<PreTokenizer> make_whitespace_split(const JsonRef& /*json*/) {
  return make([](std::string_view text) { return find_code_points(text, unicode::is_whitespace); });
}

std::unique_ptr<PreTokenizer> make_punctuation(const JsonRef& json) {
  const auto stated = json.find("behavior");
  const SplitBehavior behavior = stated ? read_split_behavior(*stated) : SplitBehavior::kIsolated;
  return make([behavior](std::string_view text) {
    return apply_behavior(find_code_points(text, unicode::is_punctuation), behavior);
  });
}

std::unique_ptr<PreTokenizer> make_digits(const JsonRef& json) {
  const SplitBehavior behavior = json.at("individual_digits").boolean()
                                     ? SplitBehavior::kIsolated
                                     : SplitBehavior::kContiguous;
  return make([behavior](std::string_view text) {
    return apply_behavior(find_code_points(text, unicode::is_numeric), behavior);
  });
}

std::unique_ptr<PreTokenizer> make_split(const JsonRef& json) {
  const std::shared_ptr<const Pattern> pattern = read_pattern(json.at("pattern"));
  const SplitBehavior behavior = read_split_behavior(json.at("behavior"));
  const bool invert = json.at("invert").boolean();
  return make([pattern, behavior, invert](std::string_view text) {
    std::vector<Match> parts = pattern->find(text);
    if (invert)
      for (Match& part : parts) part.is_match = !part.is_match;
    return apply_behavior(std::move(parts), behavior);
  });
}

std::unique_ptr<PreTokenizer> make_char_delimiter_split(const JsonRef& json) {
  const char32_t delimiter = read_code_point(json.at("delimiter"));
  return make([delimiter](std::string_view text) {
    return find_code_points(text, [delimiter](char32_t c) { return c == delimiter; });
  });
}

std::unique_ptr<PreTokenizer> make_fixed_length(const JsonRef& json) {
  const auto length =
      static_cast<std::size_t>(json.has("length") ? json.at("length").integer_in(1, INT32_MAX) : 5);
  return make([length](std::string_view text) {
    std::vector<Match> out;
    std::size_t count = 0;
    for_each_code_point(text, [&](char32_t, std::size_t begin, std::size_t end) {
      if (count++ % length == 0)
        out.push_back({begin, end, false});
      else
        out.back().end = end;
    });
    return out;
  });
}

// Hiragana and Katakana count as Han; a space goes with anything, as does what has no script.
std::vector<Match> cut_scripts(std::string_view text) {
  static const std::uint32_t han = unicode::script_of(0x4E00);
  static const std::uint32_t hiragana = unicode::script_of(0x3042);
  static const std::uint32_t katakana = unicode::script_of(0x30A2);
  std::vector<Match> out;  // what stands before the first script is lost
  std::uint32_t last = 0;
  for_each_code_point(text, [&](char32_t c, std::size_t begin, std::size_t end) {
    std::uint32_t script = c == ' ' ? 0 : unicode::script_of(c);
    if (c == 0x30FC || script == hiragana || script == katakana) script = han;
    if (script != 0 && script != last) {
      out.push_back({begin, end, false});
      last = script;
    } else if (!out.empty()) {
      out.back().end = end;
    }
  });
  return out;
}

std::unique_ptr<PreTokenizer> make_unicode_scripts(const JsonRef& /*json*/) {
  return make(cut_scripts);
}

constexpr auto kPreTokenizers =
    std::to_array<std::pair<std::string_view, std::unique_ptr<PreTokenizer> (*)(const JsonRef&)>>({
        {"BertPreTokenizer", make_bert},
        {"Whitespace", make_whitespace},
        {"WhitespaceSplit", make_whitespace_split},
        {"ByteLevel", make_byte_level_pre_tokenizer},
        {"Metaspace", make_metaspace_pre_tokenizer},
        {"Punctuation", make_punctuation},
        {"Digits", make_digits},
        {"Split", make_split},
        {"CharDelimiterSplit", make_char_delimiter_split},
        {"FixedLength", make_fixed_length},
        {"UnicodeScripts", make_unicode_scripts},
        {"Sequence", make_sequence},
    });

}  // namespace

std::unique_ptr<PreTokenizer> make_pre_tokenizer(const JsonRef& json) {
  if (json.is_null())
    return std::make_unique<Sequence>(std::vector<std::unique_ptr<PreTokenizer>>{});
  const std::string type = json.at("type").string();
  for (const auto& [name, make_it] : kPreTokenizers)
    if (name == type) return make_it(json);
  throw Error(ErrorCode::kUnsupported,
              json.path() + ": the pre-tokenizer \"" + type + "\" is not known");
}

char32_t read_code_point(const JsonRef& json) {
  const std::string text = json.string();
  if (text.empty() || decode_utf8(text, 0).length != text.size())
    json.fail("expected a string of one code point");
  return decode_utf8(text, 0).value;
}

}  // namespace valence
