// Four lanes: SSE2 on x86-64, NEON on 64-bit ARM.
#include "backend/cpu/isa/common.h"

namespace valence::cpu::baseline {
namespace {

bool supported() {
  return true;
}

}  // namespace
}  // namespace valence::cpu::baseline

namespace valence::cpu::baseline {
namespace {

constexpr std::string_view kName = "baseline";
constexpr int kLanes = 4;
constexpr bool kSignedBytes = true;
constexpr bool kHasBf16 = false;
constexpr TileShape kInt8Tile{2, 2};
constexpr TileShape kBf16Tile{2, 2};
constexpr TileShape kF32Tile{4, 2};

#include "backend/cpu/isa/vectors.inl"

// The four bytes of each lane, one after the other.
inline Ints dot_bytes(Ints sums, Ints x, Ints weights) {
  for (int shift = 24; shift >= 0; shift -= 8)
    sums += ((x << shift) >> 24) * ((weights << shift) >> 24);
  return sums;
}

#include "backend/cpu/isa/generic_dots.inl"
#include "backend/cpu/isa/kernels.inl"

}  // namespace
}  // namespace valence::cpu::baseline

namespace valence::cpu {

constinit const Kernels kBaselineKernels = baseline::table(&baseline::supported);

}  // namespace valence::cpu
