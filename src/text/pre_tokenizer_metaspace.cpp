// Metaspace: spaces become a visible mark that starts words, as SentencePiece has it.
#include "base/utf8.h"
#include "text/pre_tokenizer.h"
#include "text/replace.h"
#include "valence/error.h"

namespace valence {
namespace {

enum class Prepend { kAlways, kFirst, kNever };

// Older files say add_prefix_space instead of prepend_scheme.
Prepend read_prepend(const JsonRef& json) {
  const std::string scheme = json.string_or("prepend_scheme", "always");
  if (!json.boolean_or("add_prefix_space", true)) {
    if (json.has("prepend_scheme") && scheme != "never")
      throw Error(ErrorCode::kCorrupt, json.path() +
                                           ": add_prefix_space is false, but prepend_scheme is \"" +
                                           scheme + "\"; make them agree");
    return Prepend::kNever;
  }
  if (scheme == "always") return Prepend::kAlways;
  if (scheme == "first") return Prepend::kFirst;
  if (scheme == "never") return Prepend::kNever;
  throw Error(ErrorCode::kUnsupported,
              json.path() + "/prepend_scheme: \"" + scheme + "\" is not known");
}

class Metaspace final : public PreTokenizer {
 public:
  explicit Metaspace(const JsonRef& json)
      : mark_(read_code_point(json.at("replacement"))),
        prepend_(read_prepend(json)),
        split_(json.boolean_or("split", true)) {
    append_utf8(mark_text_, mark_);
  }

  void apply(SplitText& text) const override {
    text.rewrite([this](AlignedText split, SplitText& out) {
      mark_spaces(split);
      if (split_)
        cut(split, out);
      else
        out.add(split);
    });
  }

 private:
  void mark_spaces(AlignedText& split) const {
    replace_matches(split, find_code_points(split.text, [](char32_t c) { return c == ' '; }),
                    mark_text_);
    const bool wanted =
        prepend_ == Prepend::kAlways || (prepend_ == Prepend::kFirst && split.origin.begin == 0);
    if (wanted && !split.text.starts_with(mark_text_)) split.prepend(mark_text_);
  }

  void cut(const AlignedText& split, SplitText& out) const {
    const auto parts = find_code_points(split.text, [this](char32_t c) { return c == mark_; });
    for (const Match& part : apply_behavior(parts, SplitBehavior::kMergedWithNext))
      out.add(split, part.begin, part.end);
  }

  char32_t mark_;
  std::string mark_text_;
  Prepend prepend_;
  bool split_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_metaspace_pre_tokenizer(const JsonRef& json) {
  return std::make_unique<Metaspace>(json);
}

}  // namespace valence
