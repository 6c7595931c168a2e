// Floats to bytes and to bfloat16.

// Writes to_narrow(x), whole vectors of a narrower type; the rest goes through a zero-padded copy.
template <typename ToNarrow>
inline void narrow(std::span<const float> x, std::byte* out, ToNarrow to_narrow) {
  constexpr std::size_t kSize = sizeof(to_narrow(Floats{})) / kLanes;
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes)
    store(out + kSize * i, to_narrow(load<Floats>(&x[i])));
  if (i == x.size()) return;
  float rest[kLanes] = {};
  for (std::size_t j = i; j < x.size(); ++j) rest[j - i] = x[j];
  const auto elements = to_narrow(load<Floats>(rest));
  __builtin_memcpy(out + kSize * i, &elements, kSize * (x.size() - i));
}

void round_bf16(std::span<const float> x, std::byte* out) {
  narrow(x, out, [](const Floats& v) { return to_bf16(v); });
}

// A product that is not fused with the addition behind it: the same bits with every instruction
// set.
inline Floats on_its_own(Floats product) {
#if defined(__x86_64__)
  asm("" : "+v"(product));
#elif defined(__aarch64__)
  asm("" : "+w"(product));
#endif
  return product;
}

inline Floats rounded(const Floats& x) {
  return (x + kRounder) - kRounder;
}

// The integer nearest to x, more than 0 by the bits of kRounder, whose last one counts ones.
inline Words rounded_bits(const Floats& x) {
  return (Words)(x + kRounder);
}

constexpr float kNothing = 1e-30F;  // the inverse of a scale below could be infinite

struct Range {
  float low, high;
};

// The range of 0 and of value_at(i), which gives a vector, or one_at(i) for what is left.
template <typename ValueAt, typename OneAt>
inline Range range_of(std::size_t count, ValueAt value_at, OneAt one_at) {
  Floats lows = {};
  Floats highs = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Floats v = value_at(i);
    lows = lesser_of(v, lows);
    highs = greater_of(v, highs);
  }
  Range range{-largest_of(-lows), largest_of(highs)};
  for (; i < count; ++i) {
    const float v = one_at(i);
    range.low = v < range.low ? v : range.low;
    range.high = v > range.high ? v : range.high;
  }
  return range;
}

Quantized quantize(std::span<const float> x, const float* shares, std::byte* out) {
  const auto [low, high] =
      shares == nullptr
          ? range_of(
                x.size(), [&](std::size_t i) { return load<Floats>(&x[i]); },
                [&](std::size_t i) { return x[i]; })
          : range_of(
                x.size(),
                [&](std::size_t i) { return load<Floats>(&x[i]) * load<Floats>(shares + i); },
                [&](std::size_t i) { return x[i] * shares[i]; });
  const float range = high - low;
  const bool nothing = range < kNothing;
  const float inverse = nothing ? 0.0F : 255.0F / range;
  const Floats zeros =
      rounded(on_its_own(splat(-low * inverse))) - static_cast<float>(kSignedBytes ? 128 : 0);
  const float zero = zeros[0];
  const Ints largest = Ints{} + (kSignedBytes ? 127 : 255);
  const Words offset = (Words) __builtin_convertvector(zeros, Ints) - (Words)splat(kRounder);
  narrow(x, out, [&](const Floats& v) {
    const auto value = (Ints)(rounded_bits(on_its_own(v * inverse)) + offset);
    const Ints bounded = value > largest ? largest : value;  // both ends may round up
    return __builtin_convertvector(bounded, Bytes);
  });
  return {nothing ? 0.0F : range / 255.0F, static_cast<std::int32_t>(zero)};
}

float quantize_weights(std::span<const float> x, std::byte* out) {
  const auto magnitude = [](const Floats& v) { return v < 0.0F ? -v : v; };
  Floats best = {};
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) {
    const Floats v = magnitude(load<Floats>(&x[i]));
    best = greater_of(v, best);
  }
  float largest = largest_of(best);
  for (; i < x.size(); ++i) largest = std::abs(x[i]) > largest ? std::abs(x[i]) : largest;
  const bool nothing = largest < kNothing;
  const float inverse = nothing ? 0.0F : 127.0F / largest;
  narrow(x, out, [&](const Floats& v) {
    const Floats value = rounded(on_its_own(v * inverse));
    return __builtin_convertvector(__builtin_convertvector(value, Ints), Bytes);
  });
  return nothing ? 0.0F : largest / 127.0F;
}
