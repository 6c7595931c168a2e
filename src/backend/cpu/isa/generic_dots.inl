// Products of floats and of pairs of bfloat16, and rounding to it, where no instruction does it.

// Fused where the instruction set has it.
inline Floats multiply_add(Floats sums, Floats x, Floats weights) {
  return sums + x * weights;
}

inline Floats dot_bf16(Floats sums, Ints x, Ints weights) {
  constexpr std::int32_t kHigh = -65536;
  sums = multiply_add(sums, (Floats)(x << 16), (Floats)(weights << 16));
  return multiply_add(sums, (Floats)(x & kHigh), (Floats)(weights & kHigh));
}

#include "backend/cpu/isa/generic_rounding.inl"
