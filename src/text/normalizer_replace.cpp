// Replace: every match of a pattern becomes a fixed text.
#include "text/normalizer.h"
#include "text/pattern.h"
#include "text/replace.h"

namespace valence {

void replace_matches(AlignedText& text, const std::vector<Match>& parts, std::string_view content) {
  AlignedText out;
  out.text.reserve(text.text.size());
  out.spans.reserve(text.spans.size());
  for (const Match& part : parts) {
    if (!part.is_match) {
      out.text.append(text.text, part.begin, part.end - part.begin);
      out.spans.insert(out.spans.end(),
                       text.spans.begin() + static_cast<std::ptrdiff_t>(part.begin),
                       text.spans.begin() + static_cast<std::ptrdiff_t>(part.end));
      continue;
    }
    // The new text stands for what the last byte of the match stood for.
    const TextSpan nothing{text.origin.begin, text.origin.begin};
    const TextSpan span = part.end == 0 ? nothing : text.spans[part.end - 1];
    out.text += content;
    out.spans.resize(out.text.size(), span);
  }
  text.text = std::move(out.text);
  text.spans = std::move(out.spans);
}

namespace {

class Replace final : public Normalizer {
 public:
  explicit Replace(const JsonRef& json)
      : pattern_(read_pattern(json.at("pattern"))), content_(json.at("content").string()) {}

  void apply(AlignedText& text) const override {
    const std::vector<Match> parts = pattern_->find(text.text);
    if (parts.size() == 1 && !parts.front().is_match) return;
    replace_matches(text, parts, content_);
  }

 private:
  std::unique_ptr<Pattern> pattern_;
  std::string content_;
};

}  // namespace

std::unique_ptr<Normalizer> make_replace_normalizer(const JsonRef& json) {
  return std::make_unique<Replace>(json);
}

}  // namespace valence
