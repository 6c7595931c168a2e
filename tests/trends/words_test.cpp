#include "trends/words.h"

#include <doctest/doctest.h>

#include <map>

#include "trends/terms_by_body.h"
#include "trends/vocabulary_counts.h"

using namespace valence;

namespace {

// "a b | c": a bar for whatever phrases do not go across.
std::string split(std::string_view text) {
  std::vector<std::string> words;
  split_words(text, words);
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined += ' ';
    joined += word.empty() ? "|" : word;
  }
  return joined;
}

}  // namespace

TEST_CASE("words") {
  CHECK(split("") == "");
  CHECK(split("The App crashes, again!") == "the app crashes | again |");
  CHECK(split("don't 'quote' it’s") == "don't | quote | it's");
  CHECK(split("log-in\tpage\nnext_one") == "log in page | next | one");
  CHECK(split("ÄRGER Straße İ") == "ärger straße i̇");
  CHECK(split("Version 6.0.3. Done .5 a.b") == "version 6.0.3 | done | 5 a | b");
  CHECK(split("好吃 good") == "好 吃 good");
  CHECK(split("❤️ 👩‍💻 ok") == "ok");
  CHECK(split("हिन्दी") == "हिन्दी");
  CHECK(split(std::string(41, 'a') + " b") == "b");
  CHECK(split("a\xff\xfe b") == "a | b");
}

TEST_CASE("texts are cut between characters") {
  CHECK(cut_text("abc", 3) == "abc");
  CHECK(cut_text("abcd", 3) == "abc");
  CHECK(cut_text("aé", 2) == "a");
  CHECK(cut_text("好", 2).empty());
}

TEST_CASE("counts by body, in bounded memory") {
  VocabularyCounts counts(4);
  const auto add = [&](const char* term, std::vector<std::uint32_t> bodies) {
    counts.add(term, bodies);
  };
  add("often", {2, 0});
  add("often", {2});
  add("often", {5});
  const auto& often = counts.terms().find(std::string("often"))->second;
  CHECK(VocabularyCounts::count_in(often, 0, 9) == 4);
  CHECK(VocabularyCounts::count_in(often, 1, 4) == 2);
  CHECK(VocabularyCounts::count_in(often, 3, 4) == 0);
  for (const char* term : {"a", "b", "c", "d", "e", "f"}) add(term, {0});
  CHECK(counts.terms().size() <= 4);
  CHECK(counts.forgot());
  CHECK(VocabularyCounts::count_in(counts.terms().find(std::string("often"))->second, 0, 9) == 4);
  counts.keep_at_least(2);
  CHECK(counts.terms().size() == 1);
}

TEST_CASE("the same counts by body") {
  VocabularyCounts counts;
  const auto add = [&](const char* term, std::vector<std::uint32_t> bodies) {
    counts.add(term, bodies);
  };
  add("both", {0, 3});
  add("both", {3});
  add("last", {3});
  add("middle", {1});
  const TermsByBody terms(counts, 4);
  REQUIRE(terms.size() == 3);
  const auto counted = [&](std::uint32_t first, std::uint32_t last) {
    std::vector<std::uint64_t> sums(terms.size());
    terms.add(first, last, sums);
    std::map<std::string_view, std::uint64_t> by_term;
    for (std::size_t i = 0; i < terms.size(); ++i)
      if (sums[i] > 0) by_term[terms.term(i)] = sums[i];
    return by_term;
  };
  using Map = std::map<std::string_view, std::uint64_t>;
  CHECK(counted(0, 0) == Map{{"both", 1}});
  CHECK(counted(2, 2).empty());
  CHECK(counted(1, 3) == Map{{"both", 2}, {"last", 1}, {"middle", 1}});
  CHECK(counted(0, 3) == Map{{"both", 3}, {"last", 1}, {"middle", 1}});
}
