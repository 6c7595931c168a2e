// Which inputs are divided, and that a model's own are found in a file that it is written to.
#include "model/outliers.h"

#include <doctest/doctest.h>

namespace valence {
namespace {

using Columns = std::vector<std::int32_t>;

TEST_CASE("the largest inputs are divided until the copies are used up") {
  CHECK(choose_outliers({1, 10, 1, 6}, 1) == Columns{1});     // 5, 6
  CHECK(choose_outliers({1, 10, 1, 6}, 2) == Columns{1, 3});  // 5, 3
  CHECK(choose_outliers({1, 10, 1, 6}, 4) == Columns{1, 1, 1, 3});
}

TEST_CASE("nothing is divided that hardly lowers the largest") {
  CHECK(choose_outliers({3, 3, 3, 3}, 2).empty());
  CHECK(choose_outliers({3, 4, 3, 3}, 2).empty());
  CHECK(choose_outliers({0, 0}, 2).empty());
  CHECK(choose_outliers({1, 9}, 0).empty());
  CHECK(choose_outliers({}, 4).empty());
}

}  // namespace
}  // namespace valence
