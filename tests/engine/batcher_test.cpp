#include "engine/batcher.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace valence {
namespace {

TEST_CASE("every sequence is in one batch and no batch exceeds the budget without need") {
  std::mt19937 engine(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::size_t> lengths(engine() % 100);
    for (std::size_t& length : lengths) length = 1 + engine() % 600;
    const std::size_t budget = 1 + engine() % 800;
    std::vector<int> seen(lengths.size());
    for (const auto& batch : cut_batches(lengths, budget)) {
      std::size_t tokens = 0;
      for (const std::size_t index : batch) {
        ++seen.at(index);
        tokens += lengths[index];
      }
      CHECK((tokens <= budget || batch.size() == 1));
    }
    CHECK(std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; }));
  }
}

TEST_CASE("long sequences come first") {
  const std::vector<std::size_t> lengths{3, 9, 1, 9, 5};
  const auto batches = cut_batches(lengths, 10);
  CHECK(batches == std::vector<std::vector<std::size_t>>{{1}, {3}, {4, 0, 2}});
}

TEST_CASE("few tokens are shared among the threads, many are cut to fit the caches") {
  CHECK(token_budget(0, 2, 128) == 1);
  CHECK(token_budget(31, 2, 128) == 16);
  CHECK(token_budget(100000, 2, 128) == 128);
}

}  // namespace
}  // namespace valence
