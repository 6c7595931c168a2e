// Two models over the same rows.
#pragma once

#include <cstddef>
#include <span>

namespace valence {

// The exact two-sided test that two classifiers are right equally often, from the rows that only
// one of them got right: twice the smaller tail of the binomial distribution with probability 1/2,
// at most 1. McNemar 1947; Dietterich 1998, "Approximate statistical tests for comparing supervised
// classification learning algorithms".
double mcnemar_exact(std::size_t only_first_right, std::size_t only_second_right);

// The largest difference between two scores at the same place; 0 where there are none.
double largest_change(std::span<const float> first, std::span<const float> second);

}  // namespace valence
