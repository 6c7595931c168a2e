// Four lanes: 64-bit ARM with multiplications of matrices of bytes and of bfloat16 (ARMv8.6;
// Graviton 3, Apple M2 and later), two rows by two outputs at a time.
#include "backend/cpu/isa/common.h"

#if defined(__aarch64__)

#include <sys/auxv.h>

namespace valence::cpu::neon_bf16 {
namespace {

constexpr unsigned long kByteMatrices = 1UL << 13;  // HWCAP2_I8MM of Linux
constexpr unsigned long kBf16 = 1UL << 14;          // HWCAP2_BF16

bool supported() {
  return kNeonDotKernels.supported() && (getauxval(AT_HWCAP2) & kByteMatrices) != 0 &&
         (getauxval(AT_HWCAP2) & kBf16) != 0;
}

}  // namespace
}  // namespace valence::cpu::neon_bf16

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod,i8mm,bf16"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod+i8mm+bf16")
#endif

namespace valence::cpu::neon_bf16 {
namespace {

constexpr std::string_view kName = "neon-bf16";
constexpr int kLanes = 4;
constexpr bool kSignedBytes = true;
constexpr bool kHasBf16 = true;
constexpr TileShape kInt8Tile{8, 2};
constexpr TileShape kBf16Tile{8, 2};
constexpr TileShape kF32Tile{5, 4};

#include "backend/cpu/isa/vectors.inl"

inline Ints dot_bytes(Ints sums, Ints x, Ints weights) {
  asm("sdot %0.4s, %1.16b, %2.16b" : "+w"(sums) : "w"(x), "w"(weights));
  return sums;
}

inline Floats dot_bf16(Floats sums, Ints x, Ints weights) {
  asm("bfdot %0.4s, %1.8h, %2.8h" : "+w"(sums) : "w"(x), "w"(weights));
  return sums;
}

inline Floats multiply_add(Floats sums, Floats x, Floats weights) {
  return sums + x * weights;
}

#include "backend/cpu/isa/generic_rounding.inl"
#include "backend/cpu/isa/kernels.inl"
#include "backend/cpu/isa/paired_products.inl"

struct PairedBf16 : Bf16Dot {
  static Floats dot_pairs(Floats sums, Ints x, Ints weights) {
    asm("bfmmla %0.4s, %1.8h, %2.8h" : "+w"(sums) : "w"(x), "w"(weights));
    return sums;
  }
};

}  // namespace
}  // namespace valence::cpu::neon_bf16

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kNeonBf16Kernels = neon_bf16::table(
    &neon_bf16::supported, neon_bf16::multiply<neon_bf16::paired_panel<neon_bf16::PairedBytes>>,
    neon_bf16::multiply<neon_bf16::paired_panel<neon_bf16::PairedBf16>>);

}  // namespace valence::cpu

#endif  // __aarch64__
