// What Hugging Face `tokenizers` thinks of a code point. Its parts follow different versions of
// Unicode; make_unicode_tables.py reads them off the released wheel.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace valence::unicode {

struct Range {
  char32_t first, last;
};
struct ValueRange {
  char32_t first, last;
  std::uint32_t value;
};

bool is_whitespace(char32_t c);       // the property White_Space
bool is_numeric(char32_t c);          // categories Nd, Nl, No
bool is_punctuation(char32_t c);      // category P, and in ASCII the symbols too
bool is_other(char32_t c);            // categories Cc, Cf, Co without tab and line ends
bool is_nonspacing_mark(char32_t c);  // category Mn
bool is_mark(char32_t c);             // category M
bool is_word(char32_t c);             // \w of the Rust crate `regex`
bool is_letter(char32_t c);           // \p{L} of Oniguruma
bool is_number(char32_t c);           // \p{N} of Oniguruma
bool is_cjk_ideograph(char32_t c);    // the blocks that BERT sets apart
std::uint32_t script_of(char32_t c);  // equal numbers: equal scripts; 0: none

// Lower case as Rust's char::to_lowercase: one code point, or two ("İ").
struct LowerCase {
  char32_t from, first, second;  // second is 0 where there is one
};
LowerCase lower_case(char32_t c);

// Bytes of the extended grapheme cluster that `text` starts with. Requires valid UTF-8, not empty.
std::size_t cluster_length(std::string_view text);

// Canonical combining class, as of Unicode 9.
unsigned combining_class(char32_t c);
// The full decomposition, as of Unicode 9: at most kMaxDecomposition code points, written to `out`.
inline constexpr std::size_t kMaxDecomposition = 24;
std::size_t decompose(char32_t c, bool compatibility, std::span<char32_t, kMaxDecomposition> out);
// The code point that two compose to, or 0.
char32_t compose(char32_t first, char32_t second);

// Code points that have the category (e.g. "Lu" or "L") or the property Alphabetic in the wheel,
// but are unknown to the regular expression library. Calls `add` with each range.
template <typename Add>
void for_each_newer(std::string_view category, Add add);

std::span<const ValueRange> newer_categories();
std::string_view category_name(std::uint32_t value);
std::span<const Range> newer_alphabetic();

template <typename Add>
void for_each_newer(std::string_view category, Add add) {
  for (const ValueRange& range : newer_categories())
    if (category_name(range.value).starts_with(category)) add(range.first, range.last);
}

// Whether the case folding of a code point is several ones, as that of U+00DF, "ss".
bool folds_to_several(char32_t c);

}  // namespace valence::unicode
