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

// The nearest, ties to even.
inline Shorts to_bf16(Floats x) {
  const Words bits = (Words)x;
  const Words nearest = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  const Words nan = (bits >> 16) | 0x40;
  return __builtin_convertvector((bits & 0x7FFFFFFF) > 0x7F800000 ? nan : nearest, Shorts);
}
