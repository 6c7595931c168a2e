// What the tables with AVX-512's products of bfloat16 have in common.

constexpr int kLanes = 16;
constexpr bool kSignedBytes = false;
constexpr bool kHasBf16 = true;
constexpr TileShape kInt8Tile{6, 4};
constexpr TileShape kBf16Tile{6, 4};
constexpr TileShape kF32Tile{6, 4};

#include "backend/cpu/isa/vectors.inl"

// By name: with the intrinsic, GCC 12 keeps only a part of the sums in registers.
inline Ints dot_bytes(Ints sums, Ints x, Ints weights) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(x), "v"(weights));
  return sums;
}

inline Floats dot_bf16(Floats sums, Ints x, Ints weights) {
  asm("vdpbf16ps %2, %1, %0" : "+v"(sums) : "v"(x), "v"(weights));
  return sums;
}

inline Shorts to_bf16(Floats x) {
  Shorts halves;
  asm("vcvtneps2bf16 %1, %0" : "=v"(halves) : "v"(x));
  return halves;
}

inline Floats multiply_add(Floats sums, Floats x, Floats weights) {
  return sums + x * weights;
}

#include "backend/cpu/isa/kernels.inl"
