// Sixteen lanes: AVX-512 as every server processor since Skylake and Zen 4 has it.
#include "backend/cpu/isa/common.h"

#if defined(__x86_64__)

namespace valence::cpu::avx512 {
namespace {

bool supported() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0;
}

}  // namespace
}  // namespace valence::cpu::avx512

#if defined(__clang__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
#endif

namespace valence::cpu::avx512 {
namespace {

constexpr std::string_view kName = "avx512";
constexpr int kLanes = 16;
constexpr bool kSignedBytes = true;
constexpr bool kHasBf16 = false;
constexpr TileShape kInt8Tile{6, 2};
constexpr TileShape kBf16Tile{6, 4};
constexpr TileShape kF32Tile{6, 4};

#include "backend/cpu/isa/vectors.inl"

// Exact: bytes of x are within [-128, 127], weights within [-127, 127], so no pair of products
// leaves 16 bits.
inline Ints dot_bytes(Ints sums, Ints x, Ints weights) {
  const auto a = (__m512i)x;
  const auto w = (__m512i)weights;
  const __m512i signed_like_x =
      _mm512_mask_sub_epi8(w, _mm512_movepi8_mask(a), _mm512_setzero_si512(), w);
  const __m512i pairs = _mm512_maddubs_epi16(_mm512_abs_epi8(a), signed_like_x);
  return sums + (Ints)_mm512_madd_epi16(pairs, _mm512_set1_epi16(1));
}

#include "backend/cpu/isa/generic_dots.inl"
#include "backend/cpu/isa/kernels.inl"

}  // namespace
}  // namespace valence::cpu::avx512

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kAvx512Kernels = avx512::table(&avx512::supported);

}  // namespace valence::cpu

#endif  // __x86_64__
