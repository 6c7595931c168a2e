#include "engine/pair.h"

#include <doctest/doctest.h>

namespace valence {
namespace {

using Lengths = std::pair<std::size_t, std::size_t>;

// The lengths of `Tokenizer.encode(a, b)` with truncation "longest_first" in Hugging Face
// tokenizers 0.23.
TEST_CASE("of a pair the longer text is cut first") {
  CHECK(pair_lengths(3, 4, 7) == Lengths{3, 4});
  CHECK(pair_lengths(3, 20, 10) == Lengths{3, 7});
  CHECK(pair_lengths(20, 3, 10) == Lengths{7, 3});
  CHECK(pair_lengths(20, 20, 10) == Lengths{5, 5});
  CHECK(pair_lengths(20, 20, 11) == Lengths{5, 6});
  CHECK(pair_lengths(21, 20, 11) == Lengths{6, 5});
  CHECK(pair_lengths(20, 21, 11) == Lengths{5, 6});
  CHECK(pair_lengths(6, 6, 11) == Lengths{5, 6});
  CHECK(pair_lengths(0, 20, 11) == Lengths{0, 11});
}

TEST_CASE("both ends can be kept") {
  const auto numbered = [](int count) {
    Encoding text;
    for (int i = 0; i < count; ++i) text.ids.push_back(i);
    text.offsets.resize(text.ids.size());
    text.type_ids.resize(text.ids.size());
    return text;
  };
  Encoding first = numbered(2);
  Encoding second = numbered(6);
  cut_pair(first, second, 5, false);
  CHECK(first.ids == std::vector<std::int32_t>{0, 1});
  CHECK(second.ids == std::vector<std::int32_t>{0, 1, 2});
  second = numbered(6);
  cut_pair(first, second, 5, true);
  CHECK(second.ids == std::vector<std::int32_t>{3, 4, 5});
  CHECK(second.offsets.size() == 3);
}

}  // namespace
}  // namespace valence
