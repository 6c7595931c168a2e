// Element-wise functions and layer norm.

// Runs `function` over x in whole vectors; the rest goes through a zero-padded copy.
template <typename Function>
inline void map_in_place(std::span<float> x, Function function) {
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) store(&x[i], function(load<Floats>(&x[i])));
  if (i == x.size()) return;
  float rest[kLanes] = {};
  for (std::size_t j = i; j < x.size(); ++j) rest[j - i] = x[j];
  store(rest, function(load<Floats>(rest)));
  for (std::size_t j = i; j < x.size(); ++j) x[j] = rest[j - i];
}

inline Floats clamp(const Floats& x, float low, float high) {
  return lesser_of(splat(high), greater_of(splat(low), x));
}

constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer

// exp(x) = 2^n exp(r), |r| <= ln(2)/2. The polynomial for exp(r) has the least relative error that
// its degree allows, 1e-7 (Lawson's algorithm); with the rounding of floats it is below 3e-7.
inline Floats exponential(const Floats& x) {
  const Floats bounded = clamp(x, -87.0F, 88.0F);
  const Floats shifted = bounded * 1.44269504F + kRounder;
  const Floats n = shifted - kRounder;
  const Floats r = (bounded - n * 0.693359375F) - n * -2.12194440e-4F;  // ln 2 in two parts
  Floats p = splat(0.00829030601F);
  p = p * r + 0.0418979754F;
  p = p * r + 0.166676366F;
  p = p * r + 0.499991492F;
  p = p * r + 0.999999707F;
  p = p * r + 1.0F;
  return (Floats)((Ints)p + ((Ints)shifted << 23));  // adds n to the exponent
}

inline Floats sigmoid(const Floats& x) {
  return 1.0F / (1.0F + exponential(-x));
}

inline Floats hyperbolic_tangent(const Floats& x) {
  return 1.0F - 2.0F / (1.0F + exponential(2.0F * x));
}

// x Phi(x) = x/2 (1 + erf(x / sqrt(2))), with erf(x / sqrt(2)) = x P(x^2) up to |x| = 5, where it
// is 1 but for 6e-7. P has the least error of its degree in x^2, relative to max(1, |x|) after the
// multiplication (Lawson's algorithm); its argument is mapped to [-1, 1], where no digits cancel.
inline Floats gelu(const Floats& x) {
  const Floats bounded = clamp(x, -5.0F, 5.0F);
  const Floats t = bounded * bounded * 0.08F - 1.0F;
  Floats p = splat(0.00116524533F);
  p = p * t - 0.00317833543F;
  p = p * t + 0.0035669576F;
  p = p * t - 0.00548054916F;
  p = p * t + 0.0127187765F;
  p = p * t - 0.0222398593F;
  p = p * t + 0.0328422531F;
  p = p * t - 0.0465682307F;
  p = p * t + 0.0628784093F;
  p = p * t - 0.0808809268F;
  p = p * t + 0.103041349F;
  p = p * t - 0.140592723F;
  p = p * t + 0.282727573F;
  return 0.5F * x + 0.5F * x * (bounded * p);
}

inline Floats magnitude(const Floats& x) {
  return (Floats)((Ints)x & 0x7FFFFFFF);
}

// The same in half of the time: max(x, 0) - u (1 - Phi(u)), u = |x|. What is taken away is a
// polynomial up to u = 3.9, found like the one above, and stays there behind it: 1.3e-4.
inline Floats coarse_gelu(const Floats& x) {
  const Floats u = lesser_of(splat(3.9F), magnitude(x));
  Floats p = splat(7.07964297e-4F);
  p = p * u - 0.0108211813F;
  p = p * u + 0.0624522753F;
  p = p * u - 0.153131843F;
  p = p * u + 0.0609729588F;
  p = p * u + 0.379018009F;
  p = p * u - 0.497817248F;
  return p * u + greater_of(Floats{}, x);
}

inline Floats gelu_tanh(const Floats& x) {
  return x * sigmoid(1.59576912F * (x + 0.044715F * x * x * x));  // 1 + tanh(u) = 2 sigmoid(2u)
}
void activate(Activation activation, std::span<float> x) {
  switch (activation) {
    case Activation::kIdentity:
      return;
    case Activation::kGelu:
      return map_in_place(x, [](const Floats& v) { return gelu(v); });
    case Activation::kGeluTanh:
      return map_in_place(x, [](const Floats& v) { return gelu_tanh(v); });
    case Activation::kQuickGelu:
      return map_in_place(x, [](const Floats& v) { return v * sigmoid(1.702F * v); });
    case Activation::kRelu:
      return map_in_place(x, [](const Floats& v) { return v > 0.0F ? v : Floats{}; });
    case Activation::kSilu:
      return map_in_place(x, [](const Floats& v) { return v * sigmoid(v); });
    case Activation::kTanh:
      return map_in_place(x, [](const Floats& v) { return hyperbolic_tangent(v); });
    case Activation::kSigmoid:
      return map_in_place(x, [](const Floats& v) { return sigmoid(v); });
  }
}

void activate_coarsely(Activation activation, std::span<float> x) {
  if (activation != Activation::kGelu) return activate(activation, x);
  map_in_place(x, [](const Floats& v) { return coarse_gelu(v); });
}

// The sum of value_at(i), which gives a vector, or one_at(i) for what is left, in several parts
// that need not wait for one another.
template <typename ValueAt, typename OneAt>
inline float total(std::size_t count, ValueAt value_at, OneAt one_at) {
  constexpr std::size_t kParts = 4;
  Floats parts[kParts] = {};
  std::size_t i = 0;
  for (; i + kParts * kLanes <= count; i += kParts * kLanes)
    for (std::size_t part = 0; part < kParts; ++part) parts[part] += value_at(i + part * kLanes);
  for (; i + kLanes <= count; i += kLanes) parts[0] += value_at(i);
  float sum = sum_of((parts[0] + parts[1]) + (parts[2] + parts[3]));
  for (; i < count; ++i) sum += one_at(i);
  return sum;
}

void layer_norm(std::span<float> x, const float* weight, const float* bias, float epsilon) {
  const auto size = static_cast<float>(x.size());
  const float sum = total(
      x.size(), [&](std::size_t i) { return load<Floats>(&x[i]); },
      [&](std::size_t i) { return x[i]; });
  const float mean = sum / size;
  const auto square = [](auto centred) { return centred * centred; };
  const float variance = total(
      x.size(), [&](std::size_t i) { return square(load<Floats>(&x[i]) - mean); },
      [&](std::size_t i) { return square(x[i] - mean); });
  const float factor = 1.0F / std::sqrt(variance / size + epsilon);
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) {
    const Floats scaled = (load<Floats>(&x[i]) - mean) * factor;
    store(&x[i], scaled * load<Floats>(weight + i) + load<Floats>(bias + i));
  }
  for (; i < x.size(); ++i) x[i] = (x[i] - mean) * factor * weight[i] + bias[i];
}
