#include "text/random_text.h"

#include "base/utf8.h"

namespace valence {
namespace {

using namespace std::string_view_literals;
using List = std::vector<std::string_view>;

const List kWords{"the",
                  "The",
                  "movie",
                  "GOOD",
                  "unaffable",
                  "don't",
                  "CAN'T",
                  "'s",
                  "'RE",
                  "'\u017F",
                  "3.14",
                  "1000000",
                  "x2",
                  "[",
                  "<",
                  "a[b",
                  "http://x.y/z?a=b",
                  "@user",
                  "#tag",
                  "...",
                  "!!!",
                  "-",
                  "'",
                  "\"",
                  "_"};
const List kAddedTokens{"[MASK]", "[SEP]", "[mask]", "<mask>", "<s>", "</s>"};
const List kSpaces{" ",    " ",    " ",      "  ",     "\t",     "\n",     "\r\n",  " \n ",
                   "\x0B", "\x0C", "\u00A0", "\u2003", "\u3000", "\u0085", "\u2028"};
const List kControls{"\0"sv,   "\x01",   "\x1C",   "\x7F",   "\u0080",     "\u00AD", "\u200B",
                     "\u200D", "\uFEFF", "\uFFFD", "\uE000", "\U000E0001", "\u0600", "\u202E"};
const List kMarks{"\u0301", "\u0323", "\u0344", "\u0345", "\u3099", "\u093C", "\u20DD", "\u0F71"};
const List kLetters{"é",  "Ä",  "ß",        "İ",  "ǅ",          "Σ",         "ж",  "ש",
                    "ह",  "ﬁ",  "Ａ",       "²",  "½",          "Ⅷ",         "中", "文字",
                    "한", "각", "か\u3099", "ー", "\U00020000", "\U0002B820"};
const List kSymbols{"👍",      "👍🏽", "👩‍👩‍👧",
                    "🇩🇪",     "❤️",   "\u2019",
                    "\u201C", "\u2014",   "\u2026",
                    "€",      "¿",        "▁",
                    "Ġ"};
const List kBroken{"\x80",         "\xC0\xAF", "\xE2\x82", "\xF0\x9F\x98",
                   "\xED\xA0\x80", "\xFF",     "\xC3",     "\xF4\x90\x80\x80"};

}  // namespace

std::string_view RandomText::any_of(const List& list) {
  return list[below(list.size())];
}

std::string RandomText::part() {
  switch (below(14)) {
    case 0:
      return std::string(any_of(kControls));
    case 1:
      return std::string(any_of(kLetters)) + std::string(any_of(kMarks));
    case 2:
      return std::string(any_of(kLetters));
    case 3:
      return std::string(any_of(kSymbols));
    case 4:
      return std::string(any_of(kBroken));
    case 5:
      return std::string(any_of(kMarks));
    case 6: {
      std::string any;
      append_utf8(any, static_cast<char32_t>(below(3) == 0 ? below(0x110000) : below(0x3000)));
      return any;
    }
    case 7:
      return std::string(1, static_cast<char>(below(128)));
    case 8:
      return std::string(below(4) == 0 ? any_of(kAddedTokens) : any_of(kWords));
    case 9:
      return std::string(below(130), static_cast<char>('a' + below(3)));
    default:
      return std::string(any_of(kWords));
  }
}

// Most texts are ASCII for the greater part.
std::string RandomText::next() {
  const bool is_plain = below(3) == 0;
  std::string out;
  for (std::size_t parts = below(14); parts > 0; --parts) {
    out += is_plain || below(2) == 0 ? std::string(any_of(kWords)) : part();
    if (below(3) != 0) out += any_of(kSpaces);
  }
  return out;
}

}  // namespace valence
