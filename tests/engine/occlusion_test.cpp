#include "engine/occlusion.h"

#include <doctest/doctest.h>

#include <array>

namespace valence {
namespace {

using Strings = std::vector<std::string>;

std::string_view slice(std::string_view text, TextSpan span) {
  return text.substr(span.begin, span.end - span.begin);
}

Strings words(std::string_view text) {
  Strings list;
  for (const TextSpan word : words_of(text)) list.emplace_back(slice(text, word));
  return list;
}

OcclusionPlan plan_of(std::string_view text, std::vector<TextSpan> windows, std::size_t most) {
  return plan_occlusion(text, windows, most);
}

TextSpan all_of(std::string_view text) {
  return {0, static_cast<std::uint32_t>(text.size())};
}

Strings texts_of(const OcclusionPlan& plan) {
  Strings list;
  for (const OccludedText& text : plan.texts) list.push_back(text.text);
  return list;
}

TEST_CASE("words are what a reader takes for words") {
  CHECK(words("It isn't good.") == Strings{"It", "isn't", "good", "."});
  CHECK(words("well-made, -- 'so' they say!!!") ==
        Strings{"well-made", ",", "-", "-", "'", "so", "'", "they", "say", "!!!"});
  CHECK(words("très déçu 😀😀") == Strings{"très", "déçu", "😀😀"});
  CHECK(words("质量好") == Strings{"质", "量", "好"});
  CHECK(words(" \n\t").empty());
  CHECK(words("").empty());
  CHECK(words("\xFFok") == Strings{"\xFF", "ok"});
}

TEST_CASE("each word is left out in turn, with the blank beside it") {
  const std::string text = "not  good at all";
  CHECK(texts_of(plan_of(text, {all_of(text)}, 10)) ==
        Strings{text, "good at all", "not at all", "not  good all", "not  good at"});
  const std::string commas = "bad, slow";
  CHECK(texts_of(plan_of(commas, {all_of(commas)}, 10)) ==
        Strings{commas, ", slow", "bad slow", "bad,"});
  CHECK(texts_of(plan_of("one", {all_of("one")}, 10)) == Strings{"one", ""});
  CHECK(texts_of(plan_of("", {all_of("")}, 10)) == Strings{""});
}

TEST_CASE("neighbouring words are taken together where there are too many") {
  const std::string text = "a b c d e";
  const OcclusionPlan plan = plan_of(text, {all_of(text)}, 2);
  CHECK(plan.words_in_a_part == 3);
  CHECK(texts_of(plan) == Strings{text, "d e", "a b c"});
}

TEST_CASE("a word in two windows counts in both, by the weights of the windows") {
  const std::string text = "aa bb cc";
  const OcclusionPlan plan = plan_of(text, {{0, 5}, {3, 8}}, 10);
  REQUIRE(texts_of(plan) == Strings{"aa bb", "bb", "aa", "bb cc", "cc", "bb"});
  const std::array scores{0.9, 0.5, 0.8, 0.4, 0.3, 0.6};
  const std::array weights{3.0, 1.0};
  const std::vector<double> changes = part_changes(plan, scores, weights);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0] == doctest::Approx(0.75 * 0.4));
  CHECK(changes[1] == doctest::Approx(0.75 * 0.1 + 0.25 * 0.1));
  CHECK(changes[2] == doctest::Approx(0.25 * -0.2));
}

TEST_CASE("what no window shows is no part") {
  const std::string text = "seen unseen";
  const OcclusionPlan plan = plan_of(text, {{0, 4}}, 10);
  CHECK(plan.parts.size() == 1);
  CHECK(texts_of(plan) == Strings{"seen", ""});
}

}  // namespace
}  // namespace valence
