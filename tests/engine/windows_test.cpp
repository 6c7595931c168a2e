#include "engine/windows.h"

#include <doctest/doctest.h>

namespace valence {
namespace {

std::vector<std::pair<std::size_t, std::size_t>> ranges(const WindowPlan& plan) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  pairs.reserve(plan.windows.size());
  for (const Window& window : plan.windows) pairs.emplace_back(window.begin, window.end);
  return pairs;
}

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

TEST_CASE("a text that fits is one window whatever the policy") {
  for (const LongText policy : {LongText::kWindow, LongText::kTruncate, LongText::kError}) {
    for (const std::size_t tokens : {0, 1, 10}) {
      const WindowPlan plan = plan_windows(tokens, 10, policy, 3);
      CHECK(ranges(plan) == Pairs{{0, tokens}});
      CHECK_FALSE(plan.truncated);
    }
  }
}

TEST_CASE("a longer text is cut as its policy says") {
  CHECK(ranges(plan_windows(11, 10, LongText::kTruncate, 3)) == Pairs{{0, 10}});
  CHECK(plan_windows(11, 10, LongText::kTruncate, 3).truncated);
  CHECK(plan_windows(11, 10, LongText::kError, 3).windows.empty());
  CHECK_FALSE(plan_windows(11, 10, LongText::kWindow, 3).truncated);
}

// The ranges of `Tokenizer.encode` with truncation to 10 and the same stride in Hugging Face
// tokenizers 0.23.
TEST_CASE("windows overlap as Hugging Face's strides do") {
  CHECK(ranges(plan_windows(11, 10, LongText::kWindow, 3)) == Pairs{{0, 10}, {7, 11}});
  CHECK(ranges(plan_windows(17, 10, LongText::kWindow, 3)) == Pairs{{0, 10}, {7, 17}});
  CHECK(ranges(plan_windows(18, 10, LongText::kWindow, 3)) == Pairs{{0, 10}, {7, 17}, {14, 18}});
  CHECK(ranges(plan_windows(25, 10, LongText::kWindow, 0)) == Pairs{{0, 10}, {10, 20}, {20, 25}});
}

TEST_CASE("every token is in a window, for any overlap") {
  for (std::size_t capacity = 1; capacity <= 12; ++capacity) {
    for (std::size_t overlap = 0; overlap <= 30; ++overlap) {
      for (std::size_t tokens = 0; tokens <= 60; ++tokens) {
        const WindowPlan plan = plan_windows(tokens, capacity, LongText::kWindow, overlap);
        std::size_t covered = 0;
        for (const Window& window : plan.windows) {
          REQUIRE(window.begin <= covered);
          REQUIRE(window.end - window.begin <= capacity);
          covered = window.end;
        }
        REQUIRE(covered == tokens);
      }
    }
  }
}

}  // namespace
}  // namespace valence
