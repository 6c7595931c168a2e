// Vectors of kLanes elements, for the file that includes this inside its namespace.

using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Ints = std::int32_t __attribute__((vector_size(kLanes * sizeof(float))));
using Words = std::uint32_t __attribute__((vector_size(kLanes * sizeof(float))));
using Bytes = std::int8_t __attribute__((vector_size(kLanes)));
using Shorts = std::uint16_t __attribute__((vector_size(kLanes * sizeof(std::uint16_t))));

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

// One value of all lanes, halves first: op(op(v[0], v[2]), op(v[1], v[3])) of four.
template <int Lanes, typename Op>
inline float fold(const float* values, Op op) {
  if constexpr (Lanes == 1) {
    return values[0];
  } else {
    constexpr int kHalf = Lanes / 2;
    float halves[kHalf];
    for (int i = 0; i < kHalf; ++i) halves[i] = op(values[i], values[i + kHalf]);
    return fold<kHalf>(halves, op);
  }
}

inline float sum_of(const Floats& v) {
  float values[kLanes];
  store(values, v);
  return fold<kLanes>(values, [](float a, float b) { return a + b; });
}

inline float largest_of(const Floats& v) {
  float values[kLanes];
  store(values, v);
  return fold<kLanes>(values, [](float a, float b) { return a > b ? a : b; });
}
