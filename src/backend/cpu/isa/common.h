// What every instruction set's file includes before its target region: a header that came inside
// the region would leak wide instructions into functions shared with the rest of the program.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "backend/activation.h"
#include "backend/cpu/kernels.h"
#include "base/half.h"
#include "base/matrix.h"
#include "base/tensor.h"

namespace valence::cpu {

// A tile of sums that fits an instruction set's registers.
struct TileShape {
  int rows, vectors;
};

// The shapes of eight tiles, as the processor reads them (AMX): of 16 entries half are for later.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t bytes[16] = {};  // of a row
  std::uint8_t rows[16] = {};
};

inline constexpr int kQueryTile = 6;  // rows of attention that are computed together

// Rows of scores are whole vectors of any instruction set.
constexpr std::int64_t padded_keys(std::int64_t keys) {
  return (keys + 15) / 16 * 16;
}

// Rows whose scores are kept at once: as many as fit beside the rest in a first-level cache of 32
// KiB, whole tiles.
inline constexpr std::int64_t kMostQueries = 48;
constexpr std::int64_t query_block(std::int64_t keys) {
  const std::int64_t rows = 4096 / padded_keys(keys) / kQueryTile * kQueryTile;
  return rows < kQueryTile ? kQueryTile : (rows > kMostQueries ? kMostQueries : rows);
}

// Rows that there is memory for: those of a block, or of a tile of AMX.
inline constexpr std::int64_t kLeastQueries = 16;
constexpr std::int64_t kept_queries(std::int64_t keys) {
  return query_block(keys) < kLeastQueries ? kLeastQueries : query_block(keys);
}

extern const Kernels kBaselineKernels;  // SSE2 or NEON: what every 64-bit processor has
#if defined(__x86_64__)
extern const Kernels kAvx2Kernels;
extern const Kernels kAvxVnniKernels;
extern const Kernels kAvx512Kernels;
extern const Kernels kAvx512VlVnniKernels;
extern const Kernels kAvx512VnniKernels;
extern const Kernels kAvx512Bf16Kernels;
extern const Kernels kAmxKernels;
#elif defined(__aarch64__)
extern const Kernels kNeonBf16Kernels;
extern const Kernels kNeonI8mmKernels;
extern const Kernels kNeonDotKernels;
#endif

}  // namespace valence::cpu
