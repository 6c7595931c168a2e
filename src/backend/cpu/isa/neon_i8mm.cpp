// Four lanes: 64-bit ARM with multiplications of matrices of bytes (ARMv8.6), two rows by two
// outputs at a time.
#include "backend/cpu/isa/common.h"

#if defined(__aarch64__)

#include <sys/auxv.h>

namespace valence::cpu::neon_i8mm {
namespace {

constexpr unsigned long kByteMatrices = 1UL << 13;  // HWCAP2_I8MM of Linux

bool supported() {
  return kNeonDotKernels.supported() && (getauxval(AT_HWCAP2) & kByteMatrices) != 0;
}

}  // namespace
}  // namespace valence::cpu::neon_i8mm

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod+i8mm")
#endif

namespace valence::cpu::neon_i8mm {
namespace {

constexpr std::string_view kName = "neon-i8mm";
constexpr int kLanes = 4;
constexpr bool kSignedBytes = true;
constexpr bool kHasBf16 = false;
constexpr TileShape kInt8Tile{8, 2};
constexpr TileShape kBf16Tile{4, 4};
constexpr TileShape kF32Tile{5, 4};

#include "backend/cpu/isa/vectors.inl"

inline Ints dot_bytes(Ints sums, Ints x, Ints weights) {
  asm("sdot %0.4s, %1.16b, %2.16b" : "+w"(sums) : "w"(x), "w"(weights));
  return sums;
}

#include "backend/cpu/isa/generic_dots.inl"
#include "backend/cpu/isa/kernels.inl"
#include "backend/cpu/isa/paired_products.inl"

}  // namespace
}  // namespace valence::cpu::neon_i8mm

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kNeonI8mmKernels = neon_i8mm::table(
    &neon_i8mm::supported, neon_i8mm::multiply<neon_i8mm::paired_panel<neon_i8mm::PairedBytes>>);

}  // namespace valence::cpu

#endif  // __aarch64__
