#include "text/pattern.h"

#include <doctest/doctest.h>

#include <string>

#include "text/regex.h"
#include "valence/error.h"

namespace valence {
namespace {

// The matches, each in brackets, and what lies between.
std::string marked(const std::string& expression, const std::string& text) {
  std::string out;
  for (const Match& part : make_regex(expression, "here")->find(text)) {
    const std::string piece = text.substr(part.begin, part.end - part.begin);
    out += part.is_match ? "[" + piece + "]" : piece;
  }
  return out;
}

TEST_CASE("constructs in which the dialects differ") {
  CHECK(marked("\\h+", "xFF") == "x[FF]");
  CHECK(marked("(?m:a.b)", "a\nb") == "[a\nb]");
  CHECK(marked("^b", "a\nb") == "a\n[b]");
  CHECK(marked("a{,2}c", "aac") == "[aac]");
  CHECK(marked("[a-d&&[^b]]+", "abcd") == "[a]b[cd]");
  CHECK(marked("[a[cd]]+", "abcd") == "[a]b[cd]");
  CHECK(marked("[^[:alpha:]]", "é1") == "é[1]");
  CHECK(marked("\\s", "\u180E\u2003") == "\u180E[\u2003]");
  CHECK(marked("\\p{Letter}+", "aé1") == "[aé]1");
}

TEST_CASE("an empty match right after a match is passed over") {
  CHECK(marked("x*", "axb") == "[]a[x]b[]");
}

TEST_CASE("what cannot be translated is refused with its place") {
  for (const char* expression :
       {"(?~a)", "a{2}+", "(", "[a", "\\y", "(?W:a)", "(?i)\xC3\x9F", "(?i:Strasse)"}) {
    CAPTURE(expression);
    CHECK_THROWS_AS(make_regex(expression, "tokenizer.json: /here"), Error);
  }
  CHECK_NOTHROW(make_regex("(?i:'s|'t|'re|'ve|'m|'ll|'d)", "tokenizer.json: /here"));
  CHECK_NOTHROW(make_regex("Strasse", "tokenizer.json: /here"));
}

TEST_CASE("delimiters go where the behaviour says") {
  const auto cut = [](SplitBehavior behavior) {
    const std::string text = "the-final--countdown";
    std::string out;
    for (const Match& part :
         apply_behavior(find_code_points(text, [](char32_t c) { return c == '-'; }), behavior))
      if (!part.is_match) out += text.substr(part.begin, part.end - part.begin) + "|";
    return out;
  };
  CHECK(cut(SplitBehavior::kRemoved) == "the|final|countdown|");
  CHECK(cut(SplitBehavior::kIsolated) == "the|-|final|-|-|countdown|");
  CHECK(cut(SplitBehavior::kMergedWithPrevious) == "the-|final-|-|countdown|");
  CHECK(cut(SplitBehavior::kMergedWithNext) == "the|-final|-|-countdown|");
  CHECK(cut(SplitBehavior::kContiguous) == "the|-|final|--|countdown|");
}

}  // namespace
}  // namespace valence
