#include "data/polarity.h"

#include <doctest/doctest.h>

#include "valence/error.h"

using namespace valence;

namespace {

using Names = std::vector<std::string>;
using Worths = std::vector<double>;

}  // namespace

TEST_CASE("labels are worth what their names say") {
  CHECK(worths_of(Names{"NEGATIVE", "NEUTRAL", "POSITIVE"}) == Worths{-1, 0, 1});
  CHECK(worths_of(Names{"pos", "Neg"}) == Worths{1, -1});
  CHECK(worths_of(Names{"very_negative", "negative", "neutral", "positive", "Very Positive"}) ==
        Worths{-1, -0.5, 0, 0.5, 1});
  CHECK(worths_of(Names{"1 star", "2 stars", "5 stars"}) == Worths{-1, -0.5, 1});
  CHECK(worths_of(Names{"5", "3", "1.0"}) == Worths{1, 0, -1});
  CHECK(worths_of(Names{"POSITIVE"}) == Worths{1});
}

TEST_CASE("one unknown name, and nothing is known") {
  CHECK(worths_of(Names{"positive", "spam"}).empty());
  CHECK(worths_of(Names{"0", "1"}).empty());
  CHECK(worths_of(Names{"6 stars", "1 star"}).empty());
  CHECK(worths_of(Names{"2.5", "1"}).empty());
  CHECK(worths_of(Names{"neutral", "mixed"}).empty());
  CHECK(worths_of(Names{}).empty());
}

TEST_CASE("worths that are given") {
  const WorthMap map = parse_worths("praise=1, complaint=-0.5");
  CHECK(worths_of(Names{"Complaint", "question", "praise"}, map) == Worths{-0.5, 0, 1});
  CHECK_THROWS_AS(parse_worths("a=2"), Error);
  CHECK_THROWS_AS(parse_worths("a=good"), Error);
  CHECK_THROWS_AS(parse_worths("a"), Error);
}

TEST_CASE("polarity is the weighted sum") {
  const Worths scores{0.25, 0.25, 0.5};
  CHECK(polarity_of(scores, Worths{-1, 0, 1}) == doctest::Approx(0.25));
}
