#include "data/labels.h"

#include <doctest/doctest.h>

#include <vector>

namespace valence {
namespace {

TEST_CASE("a label is found by its bytes first, then without regard to case") {
  const std::vector<std::string> names{"POSITIVE", "positive", "Été"};
  CHECK(find_label(names, "positive") == 1);
  CHECK(find_label(names, "Positive") == 0);
  CHECK(find_label(names, "ÉTÉ") == std::nullopt);  // beyond ASCII bytes count
  CHECK(find_label(names, "") == std::nullopt);
}

TEST_CASE("folding leaves bytes beyond ASCII alone") {
  CHECK(folded_label("AbC-9 \xC3\x89") == "abc-9 \xC3\x89");
}

TEST_CASE("a number is the whole label, and finite") {
  CHECK(number_of_label("-2.5e1") == -25.0);
  for (const char* label : {"", "4 stars", " 4", "inf", "nan", "1e999"})
    CHECK_FALSE(number_of_label(label).has_value());
}

}  // namespace
}  // namespace valence
