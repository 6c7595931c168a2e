// The kernels, written once over vectors of kLanes floats. Each instruction set's file includes
// this inside its own namespace and target region, having defined kName, kLanes, kRowTile, and for
// 8-bit integers kInt8Rows, kInt8Vectors, kActivationZero and dot_bytes; nothing here may be called
// from outside that region.
//
// Vector types are the compilers' own (GCC and Clang agree on them), so that no intrinsic is
// needed but for dot_bytes.

template <typename V, typename T>
inline V load(const T* from) {
  V value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

template <typename V, typename T>
inline void store(T* to, const V& value) {
  __builtin_memcpy(to, &value, sizeof value);
}

inline Floats splat(float value) {
  return value - Floats{};
}

inline float sum_of(const Floats& v) {
  float halves[kLanes];
  store(halves, v);
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; ++i) halves[i] += halves[i + width];
  return halves[0];
}

inline float largest_of(const Floats& v) {
  float best = v[0];
  for (int i = 1; i < kLanes; ++i) best = v[i] > best ? v[i] : best;
  return best;
}

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

// ---- matrix products

// R rows of x times C weight rows, vectorised along the inner dimension.
template <int R, int C>
inline void dot_tile(const float* x, std::int64_t x_stride, const float* const* rows,
                     std::int64_t size, float* out, std::int64_t out_stride) {
  Floats sums[R][C] = {};
  std::int64_t k = 0;
  for (; k + kLanes <= size; k += kLanes) {
    Floats w[C];
    for (int c = 0; c < C; ++c) w[c] = load<Floats>(rows[c] + k);
    for (int r = 0; r < R; ++r) {
      const Floats a = load<Floats>(x + r * x_stride + k);
      for (int c = 0; c < C; ++c) sums[r][c] += a * w[c];
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int c = 0; c < C; ++c) {
      float sum = sum_of(sums[r][c]);
      for (std::int64_t j = k; j < size; ++j) sum += x[r * x_stride + j] * rows[c][j];
      out[r * out_stride + c] = sum;
    }
  }
}

template <int C>
inline void dot_columns(ConstMatrix x, const float* const* rows, Matrix out) {
  std::int64_t r = 0;
  for (; r + kRowTile <= x.rows; r += kRowTile)
    dot_tile<kRowTile, C>(x.row(r), x.stride, rows, x.cols, out.row(r), out.stride);
  for (; r < x.rows; ++r) dot_tile<1, C>(x.row(r), x.stride, rows, x.cols, out.row(r), out.stride);
}

void dot_block(ConstMatrix x, const float* const* rows, std::int64_t count, Matrix out) {
  static_assert(kBlock == 4);
  if (count == kBlock) return dot_columns<kBlock>(x, rows, out);
  for (std::int64_t c = 0; c < count; ++c) dot_columns<1>(x, rows + c, out.columns(c, 1));
}

// ---- decoders

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

// ---- element-wise functions

inline Floats clamp(const Floats& x, float low, float high) {
  const Floats raised = x < low ? splat(low) : x;
  return raised > high ? splat(high) : raised;
}

// exp(x) = 2^n exp(r), |r| <= ln(2)/2, with the Taylor polynomial of degree 7 for exp(r); relative
// error below 2e-7.
inline Floats exponential(const Floats& x) {
  const Floats bounded = clamp(x, -87.0F, 88.0F);
  const Floats scaled = bounded * 1.44269504F;
  const Floats rounder = splat(12582912.0F);  // 1.5 * 2^23: adding it rounds to an integer
  const Floats n = (scaled + rounder) - rounder;
  const Floats r = (bounded - n * 0.693359375F) - n * -2.12194440e-4F;  // ln 2 in two parts
  Floats p = splat(1.0F / 5040);
  p = p * r + 1.0F / 720;
  p = p * r + 1.0F / 120;
  p = p * r + 1.0F / 24;
  p = p * r + 1.0F / 6;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  const Ints power = (__builtin_convertvector(n, Ints) + 127) << 23;
  return p * (Floats)power;
}

inline Floats sigmoid(const Floats& x) {
  return 1.0F / (1.0F + exponential(-x));
}

inline Floats hyperbolic_tangent(const Floats& x) {
  return 1.0F - 2.0F / (1.0F + exponential(2.0F * x));
}

// erf by Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7.
inline Floats error_function(const Floats& x) {
  const Floats magnitude = x < 0.0F ? -x : x;
  const Floats t = 1.0F / (1.0F + 0.3275911F * magnitude);
  Floats p = splat(1.061405429F);
  p = p * t - 1.453152027F;
  p = p * t + 1.421413741F;
  p = p * t - 0.284496736F;
  p = p * t + 0.254829592F;
  const Floats value = 1.0F - p * t * exponential(-x * x);
  return x < 0.0F ? -value : value;
}

inline Floats gelu(const Floats& x) {
  return 0.5F * x * (1.0F + error_function(x * 0.707106781F));
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

inline float total(std::span<const float> x) {
  Floats sums = {};
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) sums += load<Floats>(&x[i]);
  float sum = sum_of(sums);
  for (; i < x.size(); ++i) sum += x[i];
  return sum;
}

void softmax(float scale, std::span<float> x) {
  Floats best = splat(-INFINITY);
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) {
    const Floats v = load<Floats>(&x[i]);
    best = v > best ? v : best;
  }
  float largest = largest_of(best);
  for (; i < x.size(); ++i) largest = x[i] > largest ? x[i] : largest;
  map_in_place(x, [scale, largest](const Floats& v) { return exponential(scale * (v - largest)); });
  const float factor = 1.0F / total(x);
  map_in_place(x, [factor](const Floats& v) { return v * factor; });
}

void layer_norm(std::span<float> x, const float* weight, const float* bias, float epsilon) {
  const auto size = static_cast<float>(x.size());
  const float mean = total(x) / size;
  Floats squares = {};
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) {
    const Floats centred = load<Floats>(&x[i]) - mean;
    squares += centred * centred;
  }
  float variance = sum_of(squares);
  for (; i < x.size(); ++i) variance += (x[i] - mean) * (x[i] - mean);
  const float factor = 1.0F / std::sqrt(variance / size + epsilon);
  for (i = 0; i + kLanes <= x.size(); i += kLanes) {
    const Floats scaled = (load<Floats>(&x[i]) - mean) * factor;
    store(&x[i], scaled * load<Floats>(weight + i) + load<Floats>(bias + i));
  }
  for (; i < x.size(); ++i) x[i] = (x[i] - mean) * factor * weight[i] + bias[i];
}

// ---- attention

// Calls body(std::integral_constant<int, rows>) for 1 <= rows <= Most.
template <int Most, typename Body>
inline void with_constant(std::int64_t rows, Body body) {
  if (rows == Most)
    body(std::integral_constant<int, Most>());
  else if constexpr (Most > 1)
    with_constant<Most - 1>(rows, body);
}

// Cuts rows into tiles of about equal height: body(std::integral_constant<int, height>, first row).
template <int Most, typename Body>
inline void for_each_tile(std::int64_t rows, Body body) {
  const std::int64_t tiles = (rows + Most - 1) / Most;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::int64_t begin = rows * i / tiles;
    with_constant<Most>(rows * (i + 1) / tiles - begin, [&](auto height) { body(height, begin); });
  }
}

// columns[c][j] = rows[j][c]; the columns are `stride` apart and end with zeros.
inline void transpose(ConstMatrix rows, float* columns, std::int64_t stride) {
  for (std::int64_t c = 0; c < rows.cols; ++c) {
    float* column = columns + c * stride;
    for (std::int64_t j = 0; j < rows.rows; ++j) column[j] = rows.row(j)[c];
    for (std::int64_t j = rows.rows; j < stride; ++j) column[j] = 0;
  }
}

// out[r] = sum over j of factors[r][j] * values[j] for R rows, a vector of columns at a time;
// cols is a multiple of kLanes, or the caller's memory is.
template <int R>
inline void combine(const float* factors, std::int64_t factor_stride, std::int64_t count,
                    const float* values, std::int64_t stride, float* out, std::int64_t out_stride) {
  Floats sums[R] = {};
  for (std::int64_t j = 0; j < count; ++j) {
    const Floats v = load<Floats>(values + j * stride);
    for (int r = 0; r < R; ++r) sums[r] += factors[r * factor_stride + j] * v;
  }
  for (int r = 0; r < R; ++r) store(out + r * out_stride, sums[r]);
}

// The columns beyond the last whole vector.
inline void combine_rest(ConstMatrix factors, ConstMatrix values, std::int64_t first, Matrix out) {
  for (std::int64_t r = 0; r < factors.rows; ++r) {
    for (std::int64_t c = first; c < values.cols; ++c) {
      float sum = 0;
      for (std::int64_t j = 0; j < factors.cols; ++j) sum += factors.row(r)[j] * values.row(j)[c];
      out.row(r)[c] = sum;
    }
  }
}

template <int R>
inline void attend_tile(ConstMatrix q, const float* keys, std::int64_t stride, ConstMatrix v,
                        float scale, float* scores, Matrix out) {
  const auto whole = static_cast<std::size_t>(stride);
  for (std::int64_t j = 0; j < stride; j += kLanes)
    combine<R>(q.data, q.stride, q.cols, keys + j, stride, scores + j, stride);
  for (int r = 0; r < R; ++r) {
    float* row = scores + r * stride;
    for (std::int64_t j = v.rows; j < stride; ++j) row[j] = -INFINITY;
    softmax(scale, {row, whole});
  }
  std::int64_t c = 0;
  for (; c + kLanes <= v.cols; c += kLanes)
    combine<R>(scores, stride, v.rows, v.data + c, v.stride, out.data + c, out.stride);
  combine_rest({scores, R, v.rows, stride}, v, c, out);
}

void attend(ConstMatrix q, ConstMatrix k, ConstMatrix v, float scale, float* scratch, Matrix out) {
  const std::int64_t stride = padded_keys(k.rows);
  float* scores = scratch + k.cols * stride;
  transpose(k, scratch, stride);
  for_each_tile<kQueryTile>(q.rows, [&](auto height, std::int64_t begin) {
    attend_tile<height>(q.rows_from(begin, height), scratch, stride, v, scale, scores,
                        out.rows_from(begin, height));
  });
}

// ---- 8-bit integers

inline Ints splat_group(const std::uint8_t* group) {
  return load<std::int32_t>(group) - Ints{};
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

float quantize(std::span<const float> x, std::uint8_t zero, std::uint8_t* out) {
  const auto magnitude = [](const Floats& v) { return v < 0.0F ? -v : v; };
  Floats best = {};
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) {
    const Floats v = magnitude(load<Floats>(&x[i]));
    best = v > best ? v : best;
  }
  float largest = largest_of(best);
  for (; i < x.size(); ++i) largest = std::abs(x[i]) > largest ? std::abs(x[i]) : largest;
  const bool nothing = largest < 1e-30F;  // its inverse could be infinite
  const float inverse = nothing ? 0.0F : 127.0F / largest;
  const float rounder = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  const auto to_bytes = [&](const Floats& v) {
    const Floats rounded = (on_its_own(v * inverse) + rounder) - rounder;
    return __builtin_convertvector(__builtin_convertvector(rounded, Ints) + zero, Bytes);
  };
  for (i = 0; i + kLanes <= x.size(); i += kLanes) store(out + i, to_bytes(load<Floats>(&x[i])));
  if (i == x.size()) return nothing ? 0.0F : largest / 127.0F;
  float rest[kLanes] = {};
  for (std::size_t j = i; j < x.size(); ++j) rest[j - i] = x[j];
  const Bytes bytes = to_bytes(load<Floats>(rest));
  __builtin_memcpy(out + i, &bytes, x.size() - i);
  return nothing ? 0.0F : largest / 127.0F;
}

// R rows times kInt8Vectors vectors of outputs, beginning with output `first` of the panel.
template <int R>
inline void int8_tile(const Int8Rows& x, std::int64_t begin, const Int8Panel& panel,
                      std::int64_t first, const float* bias, float* out, std::int64_t out_stride) {
  constexpr std::int64_t kStep = kPanel * kGroup;
  Ints sums[R][kInt8Vectors];
  for (int v = 0; v < kInt8Vectors; ++v) {
    const Ints start = -load<Ints>(panel.corrections + first + v * kLanes);
    for (int r = 0; r < R; ++r) sums[r][v] = start;
  }
  const std::int8_t* weights = panel.weights + first * kGroup;
  const std::int64_t ahead = panel.groups * kStep;
  const std::uint8_t* rows = x.data + begin * x.stride;
  for (std::int64_t g = 0; g < panel.groups; ++g, weights += kStep, rows += kGroup) {
    Ints w[kInt8Vectors];
    for (int v = 0; v < kInt8Vectors; ++v) {
      w[v] = load<Ints>(weights + v * kLanes * kGroup);
      __builtin_prefetch(weights + ahead + v * kLanes * kGroup, 0, 2);  // of the next panel
    }
    for (int r = 0; r < R; ++r) {
      const Ints a = splat_group(rows + r * x.stride);
      for (int v = 0; v < kInt8Vectors; ++v) sums[r][v] = dot_bytes(sums[r][v], a, w[v]);
    }
  }
  for (int v = 0; v < kInt8Vectors; ++v) {
    const Floats scales = load<Floats>(panel.scales + first + v * kLanes);
    const Floats offset = bias == nullptr ? Floats{} : load<Floats>(bias + first + v * kLanes);
    for (int r = 0; r < R; ++r)
      store(out + r * out_stride + first + v * kLanes,
            __builtin_convertvector(sums[r][v], Floats) * (scales * x.scales[begin + r]) + offset);
  }
}

inline void int8_rows(const Int8Rows& x, const Int8Panel& panel, const float* bias, float* out,
                      std::int64_t stride) {
  for_each_tile<kInt8Rows>(x.rows, [&](auto height, std::int64_t begin) {
    for (std::int64_t n = 0; n < kPanel; n += kInt8Vectors * kLanes)
      int8_tile<height>(x, begin, panel, n, bias, out + begin * stride, stride);
  });
}

// A panel that is not full: by way of memory that is.
void int8_rest(const Int8Rows& x, const Int8Panel& panel, Matrix out) {
  float bias[kPanel] = {};
  if (panel.bias != nullptr) __builtin_memcpy(bias, panel.bias, sizeof(float) * out.cols);
  float row[kPanel];
  for (std::int64_t r = 0; r < x.rows; ++r) {
    int8_rows({x.data + r * x.stride, 1, x.stride, x.scales + r}, panel, bias, row, kPanel);
    __builtin_memcpy(out.row(r), row, sizeof(float) * out.cols);
  }
}

void multiply_int8(const Int8Rows& x, const Int8Panel& panel, Matrix out) {
  if (out.cols < kPanel) return int8_rest(x, panel, out);
  int8_rows(x, panel, panel.bias, out.data, out.stride);
}

constexpr Kernels table(bool (*supported_by_machine)()) {
  return {kName,         supported_by_machine, dot_block,   attend,    kActivationZero, quantize,
          multiply_int8, decode_f16,           decode_bf16, decode_q8, activate,        softmax,
          layer_norm};
}
