// Sixteen lanes: AVX-512 with VNNI, products of bytes in one instruction (Cascade Lake, Zen 4).
#include "backend/cpu/isa/common.h"

#if defined(__x86_64__)

namespace valence::cpu::avx512vnni {
namespace {

bool supported() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vnni") != 0;
}

}  // namespace
}  // namespace valence::cpu::avx512vnni

#if defined(__clang__)
#pragma clang attribute push(                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma")
#endif

namespace valence::cpu::avx512vnni {
namespace {

constexpr std::string_view kName = "avx512vnni";
constexpr int kLanes = 16;
constexpr bool kSignedBytes = false;
constexpr bool kHasBf16 = false;
constexpr TileShape kInt8Tile{6, 4};
constexpr TileShape kBf16Tile{6, 4};
constexpr TileShape kF32Tile{6, 4};

#include "backend/cpu/isa/vectors.inl"

// By name: with the intrinsic, GCC 12 keeps only a part of the sums in registers.
inline Ints dot_bytes(Ints sums, Ints x, Ints weights) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(x), "v"(weights));
  return sums;
}

#include "backend/cpu/isa/generic_dots.inl"
#include "backend/cpu/isa/kernels.inl"

}  // namespace
}  // namespace valence::cpu::avx512vnni

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kAvx512VnniKernels = avx512vnni::table(&avx512vnni::supported);

}  // namespace valence::cpu

#endif  // __x86_64__
