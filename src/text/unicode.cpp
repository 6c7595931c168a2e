#include "text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace valence::unicode {
namespace {

#include "text/unicode_tables.inl"

// The range that holds `c`, or null. The tables are sorted and their ranges do not overlap.
template <typename Table>
auto find_range(const Table& table, char32_t c) -> decltype(std::begin(table)) {
  const auto next = std::upper_bound(std::begin(table), std::end(table), c,
                                     [](char32_t value, const auto& r) { return value < r.first; });
  if (next == std::begin(table)) return nullptr;
  const auto found = std::prev(next);
  return c <= found->last ? found : nullptr;
}

template <typename Table>
bool contains(const Table& table, char32_t c) {
  return find_range(table, c) != nullptr;
}

template <typename Table>
std::uint32_t value_in(const Table& table, char32_t c) {
  const auto found = find_range(table, c);
  return found == nullptr ? 0 : found->value;
}

}  // namespace

bool is_whitespace(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_numeric(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  return contains(kNumeric, c);
}

bool is_punctuation(char32_t c) {
  if (c < 0x80)
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
  return contains(kPunctuation, c);
}

bool is_other(char32_t c) {
  if (c < 0x80) return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
  return contains(kOther, c);
}

bool is_nonspacing_mark(char32_t c) {
  return c >= 0x300 && contains(kNonspacingMark, c);
}

bool is_mark(char32_t c) {
  return c >= 0x300 && contains(kMark, c);
}

bool is_word(char32_t c) {
  return contains(kWord, c);
}

bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return contains(kLetter, c);
}

bool is_number(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  return contains(kNumber, c);
}

// The range from U+2B920 is written so in the wheel; the block starts at U+2B820.
bool is_cjk_ideograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B81F) ||
         (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x2F800 && c <= 0x2FA1F);
}

std::uint32_t script_of(char32_t c) {
  return value_in(kScript, c);
}

LowerCase lower_case(char32_t c) {
  if (c < 0x80) return {c, c >= 'A' && c <= 'Z' ? c + 32 : c, 0};
  const auto found =
      std::lower_bound(std::begin(kLower), std::end(kLower), c,
                       [](const LowerCase& row, char32_t value) { return row.from < value; });
  if (found != std::end(kLower) && found->from == c) return *found;
  return {c, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))), 0};
}

std::uint32_t cluster_flags(char32_t c) {
  return value_in(kCluster, c);
}

unsigned combining_class(char32_t c) {
  if (c < 0x300 || contains(kWithoutDecomposition, c)) return 0;
  return static_cast<unsigned>(
      utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class);
}

std::size_t decompose(char32_t c, bool compatibility, std::span<char32_t, kMaxDecomposition> out) {
  if (c < 0x80 || contains(kWithoutDecomposition, c)) {
    out[0] = c;
    return 1;
  }
  std::array<utf8proc_int32_t, kMaxDecomposition> buffer{};
  const int options = UTF8PROC_DECOMPOSE | (compatibility ? UTF8PROC_COMPAT : 0);
  int last_class = 0;
  const utf8proc_ssize_t count = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(c), buffer.data(), static_cast<utf8proc_ssize_t>(buffer.size()),
      static_cast<utf8proc_option_t>(options), &last_class);
  if (count <= 0 || static_cast<std::size_t>(count) > buffer.size()) {
    out[0] = c;
    return 1;
  }
  std::transform(buffer.begin(), buffer.begin() + count, out.begin(),
                 [](utf8proc_int32_t value) { return static_cast<char32_t>(value); });
  return static_cast<std::size_t>(count);
}

char32_t compose(char32_t first, char32_t second) {
  if (second < 0x300) return 0;
  std::array<utf8proc_int32_t, 2> pair{static_cast<utf8proc_int32_t>(first),
                                       static_cast<utf8proc_int32_t>(second)};
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
  if (utf8proc_normalize_utf32(pair.data(), 2, options) != 1) return 0;
  const auto composed = static_cast<char32_t>(pair[0]);
  return contains(kWithoutDecomposition, composed) ? 0 : composed;
}

std::span<const ValueRange> newer_categories() {
  return kNewerCategory;
}

std::string_view category_name(std::uint32_t value) {
  return kCategoryNames[value];
}

std::span<const Range> newer_alphabetic() {
  return kNewerAlphabetic;
}

bool folds_to_several(char32_t c) {
  std::array<utf8proc_int32_t, kMaxDecomposition> buffer{};
  int last_class = 0;
  return utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), buffer.data(),
                                 static_cast<utf8proc_ssize_t>(buffer.size()), UTF8PROC_CASEFOLD,
                                 &last_class) > 1;
}

}  // namespace valence::unicode
