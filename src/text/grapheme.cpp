// Extended grapheme clusters (Unicode Standard Annex 29), as far as their bounds can change what
// the normaliser Precompiled does.
#include <cstddef>

#include "base/utf8.h"
#include "text/unicode.h"

namespace valence::unicode {

std::uint32_t cluster_flags(char32_t c);  // unicode.cpp

namespace {

enum Flag : std::uint32_t {  // as in make_unicode_tables.py
  kJoins = 1,                // never parted from what stands before it
  kPrepend = 2,
  kControl = 4,
  kExtend = 8,
  kPicture = 16,  // Extended_Pictographic
  kConsonant = 32,
  kLinker = 64,
  kConjunctExtend = 128,
};

enum class Hangul { kNone, kL, kV, kT, kLV, kLVT };

Hangul hangul_class(char32_t c) {
  if ((c >= 0x1100 && c <= 0x115F) || (c >= 0xA960 && c <= 0xA97C)) return Hangul::kL;
  if ((c >= 0x1160 && c <= 0x11A7) || (c >= 0xD7B0 && c <= 0xD7C6)) return Hangul::kV;
  if ((c >= 0x11A8 && c <= 0x11FF) || (c >= 0xD7CB && c <= 0xD7FB)) return Hangul::kT;
  if (c >= 0xAC00 && c <= 0xD7A3) return (c - 0xAC00) % 28 == 0 ? Hangul::kLV : Hangul::kLVT;
  return Hangul::kNone;
}

bool is_syllable(char32_t before, char32_t after) {
  const Hangul first = hangul_class(before);
  const Hangul second = hangul_class(after);
  if (first == Hangul::kL)
    return second == Hangul::kL || second == Hangul::kV || second == Hangul::kLV ||
           second == Hangul::kLVT;
  if (first == Hangul::kLV || first == Hangul::kV)
    return second == Hangul::kV || second == Hangul::kT;
  return (first == Hangul::kLVT || first == Hangul::kT) && second == Hangul::kT;
}

bool is_regional(char32_t c) {
  return c >= 0x1F1E6 && c <= 0x1F1FF;
}

// What the rules that look further back than one code point need to know.
class Context {
 public:
  explicit Context(char32_t first) { add(first, cluster_flags(first)); }

  bool joined(char32_t c, std::uint32_t flags) const {
    if (last_ == '\r') return c == '\n';
    if (((last_flags_ | flags) & kControl) != 0) return false;
    if ((flags & kJoins) != 0 || (last_flags_ & kPrepend) != 0) return true;
    if (is_syllable(last_, c)) return true;
    if ((flags & kPicture) != 0 && picture_ == Picture::kJoiner) return true;
    if ((flags & kConsonant) != 0 && conjunct_ == Conjunct::kLinked) return true;
    return is_regional(c) && regionals_ % 2 == 1;
  }

  void add(char32_t c, std::uint32_t flags) {
    if ((flags & kPicture) != 0)
      picture_ = Picture::kPicture;
    else if (picture_ == Picture::kPicture && c == 0x200D)
      picture_ = Picture::kJoiner;
    else if (picture_ != Picture::kPicture || (flags & kExtend) == 0)
      picture_ = Picture::kNone;
    if ((flags & kConsonant) != 0)
      conjunct_ = Conjunct::kConsonant;
    else if (conjunct_ != Conjunct::kNone && (flags & kLinker) != 0)
      conjunct_ = Conjunct::kLinked;
    else if ((flags & kConjunctExtend) == 0)
      conjunct_ = Conjunct::kNone;
    regionals_ = is_regional(c) ? regionals_ + 1 : 0;
    last_ = c;
    last_flags_ = flags;
  }

 private:
  enum class Picture { kNone, kPicture, kJoiner };
  enum class Conjunct { kNone, kConsonant, kLinked };
  char32_t last_ = 0;
  std::uint32_t last_flags_ = 0;
  Picture picture_ = Picture::kNone;
  Conjunct conjunct_ = Conjunct::kNone;
  std::size_t regionals_ = 0;
};

}  // namespace

std::size_t cluster_length(std::string_view text) {
  const CodePoint first = decode_utf8(text, 0);
  std::size_t length = first.length;
  Context context(first.value);
  while (length < text.size()) {
    const CodePoint next = decode_utf8(text, length);
    const std::uint32_t flags = cluster_flags(next.value);
    if (!context.joined(next.value, flags)) break;
    context.add(next.value, flags);
    length += next.length;
  }
  return length;
}

}  // namespace valence::unicode
