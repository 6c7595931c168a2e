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

// a > b ? a : b and a < b ? a : b, lane by lane. By name where there is an instruction: from the
// expressions GCC makes a comparison and a choice, because it does not know the instruction's NaN.
inline Floats greater_of(const Floats& a, const Floats& b) {
#if defined(__x86_64__)
  if constexpr (kLanes > 4) {
    Floats greater;
    asm("vmaxps %2, %1, %0" : "=v"(greater) : "v"(a), "v"(b));
    return greater;
  }
#endif
  return a > b ? a : b;
}

inline Floats lesser_of(const Floats& a, const Floats& b) {
#if defined(__x86_64__)
  if constexpr (kLanes > 4) {
    Floats lesser;
    asm("vminps %2, %1, %0" : "=v"(lesser) : "v"(a), "v"(b));
    return lesser;
  }
#endif
  return a < b ? a : b;
}

// Lane i of the result is lane i of `v` combined with all others, halves first: every lane has the
// same value.
template <int Distance, typename V, typename Op>
inline V in_every_lane(V v, Op op) {
  if constexpr (Distance == 0) {
    return v;
  } else {
    V other;
    if constexpr (kLanes == 16 && Distance == 8)
      other = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    else if constexpr (kLanes == 16 && Distance == 4)
      other = __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    else if constexpr (kLanes == 16 && Distance == 2)
      other = __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    else if constexpr (kLanes == 16)
      other = __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    else if constexpr (kLanes == 8 && Distance == 4)
      other = __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3);
    else if constexpr (kLanes == 8 && Distance == 2)
      other = __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5);
    else if constexpr (kLanes == 8)
      other = __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6);
    else if constexpr (Distance == 2)
      other = __builtin_shufflevector(v, v, 2, 3, 0, 1);
    else
      other = __builtin_shufflevector(v, v, 1, 0, 3, 2);
    return in_every_lane<Distance / 2>(op(v, other), op);
  }
}

inline Floats sums_of(Floats v) {
  return in_every_lane<kLanes / 2>(v, [](Floats a, Floats b) { return a + b; });
}

inline Floats largests_of(Floats v) {
  return in_every_lane<kLanes / 2>(v, [](Floats a, Floats b) { return greater_of(a, b); });
}

inline float sum_of(Floats v) {
  return sums_of(v)[0];
}

inline float largest_of(Floats v) {
  return largests_of(v)[0];
}

// The lower halves of a and b, lane by lane in turn; and the upper ones.
template <typename V>
inline V zip_low(V a, V b) {
  if constexpr (kLanes == 16)
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  else if constexpr (kLanes == 8)
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  else
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}

template <typename V>
inline V zip_high(V a, V b) {
  if constexpr (kLanes == 16)
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                   31);
  else if constexpr (kLanes == 8)
    return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  else
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}

// Turns kLanes rows of kLanes words, line(0) and so on, into columns, `to` words apart.
template <typename Line>
inline void transpose_square(Line line, std::byte* columns, std::int64_t to) {
  Words lines[kLanes];
  for (int i = 0; i < kLanes; ++i) lines[i] = line(i);
  for (int stage = 1; stage < kLanes; stage *= 2) {  // each brings one more bit of the index over
    Words zipped[kLanes];
    for (int i = 0; i < kLanes / 2; ++i) {
      zipped[2 * i] = zip_low(lines[i], lines[i + kLanes / 2]);
      zipped[2 * i + 1] = zip_high(lines[i], lines[i + kLanes / 2]);
    }
    for (int i = 0; i < kLanes; ++i) lines[i] = zipped[i];
  }
  for (int i = 0; i < kLanes; ++i) store(columns + i * to * 4, lines[i]);
}
