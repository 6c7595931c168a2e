#include "text/normalizer.h"

#include <doctest/doctest.h>

#include <string>

#include "text/unicode.h"
#include "valence/error.h"

namespace valence {
namespace {

AlignedText normalized(const Json& json, std::string_view text) {
  AlignedText aligned(text);
  make_normalizer(JsonRef(json, "normalizer"))->apply(aligned);
  return aligned;
}

TEST_CASE("every byte of a fresh text stands for its code point") {
  const AlignedText text("a\xC3\xA9\xFF!");
  CHECK(text.text == "aé\uFFFD!");
  CHECK(text.span_of(1, 3).begin == 1);
  CHECK(text.span_of(1, 3).end == 3);
  CHECK(text.span_of(3, 6).begin == 3);  // the invalid byte
  CHECK(text.span_of(3, 6).end == 4);
  CHECK(text.span_of(6, 7).begin == 4);
}

TEST_CASE("normal forms decompose, order and compose") {
  CHECK(normalized({{"type", "NFD"}}, "é").text == "e\u0301");
  CHECK(normalized({{"type", "NFC"}}, "e\u0301").text == "é");
  CHECK(normalized({{"type", "NFD"}}, "a\u0301\u0323").text == "a\u0323\u0301");
  CHECK(normalized({{"type", "NFKC"}}, "ﬁ²").text == "fi2");
  CHECK(normalized({{"type", "NFC"}}, "\u1112\u1161\u11AB").text == "한");
}

TEST_CASE("offsets follow a text through what is removed and inserted") {
  const AlignedText stripped =
      normalized({{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}}, "  ab ");
  CHECK(stripped.text == "ab");
  CHECK(stripped.span_of(0, 2).begin == 2);
  CHECK(stripped.span_of(0, 2).end == 4);
  const AlignedText prefixed = normalized({{"type", "Prepend"}, {"prepend", "▁"}}, "ab");
  CHECK(prefixed.text == "▁ab");
  CHECK(prefixed.span_of(0, 3).end == 1);
}

TEST_CASE("grapheme clusters") {
  CHECK(unicode::cluster_length("e\u0301x") == 3);
  CHECK(unicode::cluster_length("\r\nx") == 2);
  CHECK(unicode::cluster_length("\u0915\u094D\u0915x") == 9);
  CHECK(unicode::cluster_length("©\u200D®x") == 7);
  CHECK(unicode::cluster_length("🇩🇪🇫") == 8);
  CHECK(unicode::cluster_length("각x") == 3);
}

TEST_CASE("a normaliser that is unknown or incomplete is refused") {
  CHECK_THROWS_AS(normalized({{"type", "Nonsense"}}, ""), Error);
  CHECK_THROWS_AS(normalized({{"type", "Prepend"}}, ""), Error);
  CHECK_THROWS_AS(normalized({{"type", "Precompiled"}, {"precompiled_charsmap", "!"}}, ""), Error);
  CHECK_THROWS_AS(normalized({{"type", "Precompiled"}, {"precompiled_charsmap", "/////w=="}}, ""),
                  Error);
}

}  // namespace
}  // namespace valence
