// Four lanes: 64-bit ARM with the dot products of bytes (ARMv8.2; Graviton 2, Apple M1 and later).
#include "backend/cpu/isa/common.h"

#if defined(__aarch64__)

#include <sys/auxv.h>

namespace valence::cpu::neon_dot {
namespace {

constexpr unsigned long kDotProducts = 1UL << 20;  // HWCAP_ASIMDDP of Linux

bool supported() {
  return (getauxval(AT_HWCAP) & kDotProducts) != 0;
}

}  // namespace
}  // namespace valence::cpu::neon_dot

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod")
#endif

namespace valence::cpu::neon_dot {
namespace {

constexpr std::string_view kName = "neon-dot";
constexpr int kLanes = 4;
constexpr bool kSignedBytes = true;
constexpr bool kHasBf16 = false;
constexpr TileShape kInt8Tile{6, 4};
constexpr TileShape kBf16Tile{4, 4};
constexpr TileShape kF32Tile{5, 4};

#include "backend/cpu/isa/vectors.inl"

inline Ints dot_bytes(Ints sums, Ints x, Ints weights) {
  asm("sdot %0.4s, %1.16b, %2.16b" : "+w"(sums) : "w"(x), "w"(weights));
  return sums;
}

#include "backend/cpu/isa/generic_dots.inl"
#include "backend/cpu/isa/kernels.inl"

}  // namespace
}  // namespace valence::cpu::neon_dot

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kNeonDotKernels = neon_dot::table(&neon_dot::supported);

}  // namespace valence::cpu

#endif  // __aarch64__
