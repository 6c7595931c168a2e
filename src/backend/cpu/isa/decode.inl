// Decoders of the types that model files have.

inline Floats f16_to_floats(const Shorts& halves) {
  const Ints bits = __builtin_convertvector(halves, Ints);
  const Ints sign = (bits & 0x8000) << 16;
  const Ints magnitude = bits & 0x7FFF;
  const Floats tiny = __builtin_convertvector(magnitude, Floats) * 0x1p-24F;  // zero and subnormal
  const Ints usual = (magnitude << 13) + 0x38000000;
  const Ints special = 0x7F800000 | ((magnitude & 0x3FF) << 13);  // infinity and NaN
  const Ints tiny_bits = (Ints)tiny;
  const Ints value = magnitude < 0x400 ? tiny_bits : (magnitude >= 0x7C00 ? special : usual);
  return (Floats)(value | sign);
}

template <typename Decode>
inline void decode_shorts(const std::byte* data, std::span<float> out, Decode decode) {
  std::size_t i = 0;
  for (; i + kLanes <= out.size(); i += kLanes) store(&out[i], decode(load<Shorts>(data + 2 * i)));
  if (i == out.size()) return;
  Shorts rest = {};
  __builtin_memcpy(&rest, data + 2 * i, 2 * (out.size() - i));
  const Floats values = decode(rest);
  __builtin_memcpy(&out[i], &values, sizeof(float) * (out.size() - i));
}

void decode_f16(const std::byte* data, std::span<float> out) {
  decode_shorts(data, out, [](const Shorts& halves) { return f16_to_floats(halves); });
}

void decode_bf16(const std::byte* data, std::span<float> out) {
  decode_shorts(data, out, [](const Shorts& halves) {
    return (Floats)(__builtin_convertvector(halves, Ints) << 16);
  });
}

void decode_q8(const std::byte* data, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); i += kQ8Block, data += kQ8BlockBytes) {
    std::uint16_t half = 0;
    __builtin_memcpy(&half, data, sizeof half);
    const float scale = f16_to_float(half);
    for (std::size_t j = 0; j < kQ8Block; j += kLanes) {
      const Bytes bytes = load<Bytes>(data + 2 + j);
      store(&out[i + j], scale * __builtin_convertvector(bytes, Floats));
    }
  }
}
