// BertNormalizer: clean up, set CJK ideographs apart, strip accents, lower-case.
#include "base/utf8.h"
#include "text/normal_forms.h"
#include "text/normalizer.h"
#include "text/unicode.h"

namespace valence {
namespace {

class BertNormalizer final : public Normalizer {
 public:
  explicit BertNormalizer(const JsonRef& json)
      : clean_text_(json.at("clean_text").boolean()),
        handle_chinese_chars_(json.at("handle_chinese_chars").boolean()),
        lowercase_(json.at("lowercase").boolean()),
        strip_accents_(json.boolean_or("strip_accents", lowercase_)) {}

  void apply(AlignedText& text) const override {
    if (clean_text_) clean(text);
    const bool ascii = text.is_ascii();  // then only case is left to do
    if (handle_chinese_chars_ && !ascii) set_ideographs_apart(text);
    if (strip_accents_ && !ascii) strip_accents(text);
    if (lowercase_) lower_case(text);
  }

 private:
  static bool is_removed(char32_t c) { return c == 0 || c == kReplacement || unicode::is_other(c); }

  static void clean(AlignedText& text) {
    bool removes = false;
    bool replaces = false;
    for_each_code_point(text.text, [&](char32_t c, std::size_t, std::size_t) {
      removes = removes || is_removed(c);
      replaces = replaces || (c != ' ' && unicode::is_whitespace(c));
    });
    if (removes) filter(text, [](char32_t c) { return !is_removed(c); });
    if (replaces)
      replace_each(text, [](char32_t c) { return unicode::is_whitespace(c) ? U' ' : c; });
  }

  static void set_ideographs_apart(AlignedText& text) {
    std::vector<Change> changes;
    changes.reserve(text.text.size());
    bool found = false;
    for_each_code_point(text.text, [&](char32_t c, std::size_t, std::size_t) {
      if (!unicode::is_cjk_ideograph(c)) {
        changes.push_back({c, 0});
        return;
      }
      found = true;
      changes.insert(changes.end(), {{U' ', 0}, {c, 1}, {U' ', 1}});
    });
    if (found) text.transform(changes);
  }

  static void strip_accents(AlignedText& text) {
    text.transform(decompose(text.text, false));
    filter(text, [](char32_t c) { return !unicode::is_nonspacing_mark(c); });
  }

  bool clean_text_, handle_chinese_chars_, lowercase_, strip_accents_;
};

}  // namespace

std::unique_ptr<Normalizer> make_bert_normalizer(const JsonRef& json) {
  return std::make_unique<BertNormalizer>(json);
}

}  // namespace valence
