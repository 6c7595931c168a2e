// Which rows a figure is counted over: all of them, or a bootstrap's draw.
#pragma once

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace valence {

using Sample = std::span<const std::uint32_t>;  // row numbers, some perhaps several times

inline std::vector<std::uint32_t> all_rows(std::size_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

}  // namespace valence
