#include "text/normalizer.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/utf8.h"
#include "text/normal_forms.h"
#include "text/unicode.h"
#include "valence/error.h"

namespace valence {
namespace {

using Rewrite = std::function<void(AlignedText&)>;

// A normaliser that is one function.
class Function final : public Normalizer {
 public:
  explicit Function(Rewrite rewrite) : rewrite_(std::move(rewrite)) {}
  void apply(AlignedText& text) const override { rewrite_(text); }

 private:
  Rewrite rewrite_;
};

std::unique_ptr<Normalizer> make(Rewrite rewrite) {
  return std::make_unique<Function>(std::move(rewrite));
}

template <bool kCompatibility, bool kCompose>
std::unique_ptr<Normalizer> make_normal_form(const JsonRef& /*json*/) {
  return make([](AlignedText& text) {
    if (text.is_ascii()) return;  // already in every form
    const std::vector<Change> decomposed = decompose(text.text, kCompatibility);
    text.transform(kCompose ? compose(decomposed) : decomposed);
  });
}

std::unique_ptr<Normalizer> make_lowercase(const JsonRef& /*json*/) {
  return make(lower_case);
}

std::unique_ptr<Normalizer> make_strip_accents(const JsonRef& /*json*/) {
  return make(
      [](AlignedText& text) { filter(text, [](char32_t c) { return !unicode::is_mark(c); }); });
}

std::unique_ptr<Normalizer> make_byte_level(const JsonRef& /*json*/) {
  return make([](AlignedText& text) {
    if (!text.text.empty()) to_byte_level(text);
  });
}

// The code point that ends at byte `end` of a valid text.
CodePoint last_before(std::string_view text, std::size_t end) {
  std::size_t begin = end - 1;
  while ((static_cast<unsigned char>(text[begin]) >> 6) == 2) --begin;
  return decode_utf8(text, begin);
}

void strip(AlignedText& text, bool left, bool right) {
  const std::string_view all = text.text;
  std::size_t begin = 0;
  std::size_t end = all.size();
  std::size_t leading = 0;
  for (; left && begin < end; ++leading) {
    const CodePoint first = decode_utf8(all, begin);
    if (!unicode::is_whitespace(first.value)) break;
    begin += first.length;
  }
  while (right && begin < end) {
    const CodePoint last = last_before(all, end);
    if (!unicode::is_whitespace(last.value)) break;
    end -= last.length;
  }
  if (begin == 0 && end == all.size()) return;
  std::vector<Change> changes;
  for_each_code_point(all.substr(begin, end - begin), [&](char32_t c, std::size_t, std::size_t) {
    changes.push_back({c, 0});
  });
  text.transform(changes, leading);
}

std::unique_ptr<Normalizer> make_strip(const JsonRef& json) {
  const bool left = json.at("strip_left").boolean();
  const bool right = json.at("strip_right").boolean();
  return make([left, right](AlignedText& text) { strip(text, left, right); });
}

std::unique_ptr<Normalizer> make_prepend(const JsonRef& json) {
  return make([prefix = json.at("prepend").string()](AlignedText& text) { text.prepend(prefix); });
}

bool is_nmt_control(char32_t c) {
  return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
         c == 0x8F || c == 0x9F;
}

bool is_nmt_space(char32_t c) {
  return c == '\t' || c == '\n' || c == 0x0C || c == '\r' || c == 0x1680 ||
         (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF ||
         c == kReplacement;
}

std::unique_ptr<Normalizer> make_nmt(const JsonRef& /*json*/) {
  return make([](AlignedText& text) {
    filter(text, [](char32_t c) { return !is_nmt_control(c); });
    replace_each(text, [](char32_t c) { return is_nmt_space(c) ? U' ' : c; });
  });
}

std::unique_ptr<Normalizer> make_sequence(const JsonRef& json) {
  std::vector<std::shared_ptr<const Normalizer>> parts;
  const JsonRef list = json.at("normalizers");
  if (!list.is_array()) list.fail("expected an array");
  parts.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) parts.push_back(make_normalizer(list.at(i)));
  return make([parts = std::move(parts)](AlignedText& text) {
    for (const auto& part : parts) part->apply(text);
  });
}

constexpr auto kNormalizers =
    std::to_array<std::pair<std::string_view, std::unique_ptr<Normalizer> (*)(const JsonRef&)>>({
        {"BertNormalizer", make_bert_normalizer},
        {"NFC", make_normal_form<false, true>},
        {"NFD", make_normal_form<false, false>},
        {"NFKC", make_normal_form<true, true>},
        {"NFKD", make_normal_form<true, false>},
        {"Lowercase", make_lowercase},
        {"StripAccents", make_strip_accents},
        {"Strip", make_strip},
        {"Replace", make_replace_normalizer},
        {"Prepend", make_prepend},
        {"Nmt", make_nmt},
        {"Precompiled", make_precompiled_normalizer},
        {"ByteLevel", make_byte_level},
        {"Sequence", make_sequence},
    });

}  // namespace

std::unique_ptr<Normalizer> make_normalizer(const JsonRef& json) {
  if (json.is_null()) return make([](AlignedText&) {});
  const std::string type = json.at("type").string();
  for (const auto& [name, make_it] : kNormalizers)
    if (name == type) return make_it(json);
  throw Error(ErrorCode::kUnsupported,
              json.path() + ": the normalizer \"" + type + "\" is not known");
}

void lower_case(AlignedText& text) {
  if (text.is_ascii()) {
    for (char& c : text.text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return;
  }
  std::vector<Change> changes;
  changes.reserve(text.text.size());
  for_each_code_point(text.text, [&](char32_t c, std::size_t, std::size_t) {
    const unicode::LowerCase lower = unicode::lower_case(c);
    changes.push_back({lower.first, 0});
    if (lower.second != 0) changes.push_back({lower.second, 1});
  });
  text.transform(changes);
}

char32_t byte_level_code_point(unsigned char byte) {
  static constexpr auto kTable = [] {
    std::array<char32_t, 256> table{};
    char32_t next = 256;
    for (char32_t b = 0; b < 256; ++b) {
      const bool visible = (b >= '!' && b <= '~') || (b >= 0xA1 && b != 0xAD);
      table[b] = visible ? b : next++;
    }
    return table;
  }();
  return kTable[byte];
}

void to_byte_level(AlignedText& text) {
  std::vector<Change> changes;
  changes.reserve(text.text.size());
  for (const char c : text.text) {
    const auto byte = static_cast<unsigned char>(c);
    changes.push_back({byte_level_code_point(byte), (byte >> 6) == 2 ? 1 : 0});
  }
  text.transform(changes);
}

}  // namespace valence
