// What the tables with products of bytes in one instruction and vectors of eight lanes have in
// common. They differ in kVex, the encoding of that instruction: VEX (AVX-VNNI) or EVEX (AVX-512).

constexpr int kLanes = 8;
constexpr bool kSignedBytes = false;
constexpr bool kHasBf16 = false;
constexpr TileShape kInt8Tile{6, 2};
constexpr TileShape kBf16Tile{4, 2};
constexpr TileShape kF32Tile{6, 2};

#include "backend/cpu/isa/vectors.inl"

// By name: with the intrinsic, GCC 12 keeps only a part of the sums in registers.
inline Ints dot_bytes(Ints sums, Ints x, Ints weights) {
  if constexpr (kVex)
    asm("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sums) : "x"(x), "x"(weights));
  else
    asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(x), "v"(weights));
  return sums;
}

#include "backend/cpu/isa/generic_dots.inl"
#include "backend/cpu/isa/kernels.inl"
