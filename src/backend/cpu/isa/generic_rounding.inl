// Rounding to bfloat16, where no instruction does it.

// The nearest, ties to even.
inline Shorts to_bf16(Floats x) {
  const Words bits = (Words)x;
  const Words nearest = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  const Words nan = (bits >> 16) | 0x40;
  return __builtin_convertvector((bits & 0x7FFFFFFF) > 0x7F800000 ? nan : nearest, Shorts);
}
