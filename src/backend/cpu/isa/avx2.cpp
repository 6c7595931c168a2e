// Eight lanes: AVX2 with fused multiply-add.
#include "backend/cpu/isa/common.h"

#if defined(__x86_64__)

namespace valence::cpu::avx2 {
namespace {

bool supported() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}

}  // namespace
}  // namespace valence::cpu::avx2

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

namespace valence::cpu::avx2 {
namespace {

constexpr std::string_view kName = "avx2";
constexpr int kLanes = 8;
constexpr bool kSignedBytes = true;
constexpr bool kHasBf16 = false;
constexpr TileShape kInt8Tile{4, 2};
constexpr TileShape kBf16Tile{4, 2};
constexpr TileShape kF32Tile{6, 2};

#include "backend/cpu/isa/vectors.inl"

// Exact: bytes of x are within [-128, 127], weights within [-127, 127], so no pair of products
// leaves 16 bits.
inline Ints dot_bytes(Ints sums, Ints x, Ints weights) {
  const auto a = (__m256i)x;
  const __m256i pairs =
      _mm256_maddubs_epi16(_mm256_abs_epi8(a), _mm256_sign_epi8((__m256i)weights, a));
  return sums + (Ints)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

#include "backend/cpu/isa/generic_dots.inl"
#include "backend/cpu/isa/kernels.inl"

}  // namespace
}  // namespace valence::cpu::avx2

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kAvx2Kernels = avx2::table(&avx2::supported);

}  // namespace valence::cpu

#endif  // __x86_64__
