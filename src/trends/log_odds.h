// Which words tell two bodies of text apart.
#pragma once

#include <cstdint>

namespace valence {

struct LogOdds {
  double value = 0;  // > 0: more common in the first
  double z = 0;      // over its standard deviation
};

// The log-odds ratio with informative Dirichlet prior of a word that stands `count1` times among
// the `total1` words of one body and `count2` times among the `total2` of another (Monroe, Colaresi
// and Quinn 2008, equations 16 to 22). The prior is both bodies together, worth a tenth of their
// words and at most 500. The word stands in one of them at least, and is not all of both.
LogOdds log_odds(std::uint64_t count1, std::uint64_t total1, std::uint64_t count2,
                 std::uint64_t total2);

}  // namespace valence
