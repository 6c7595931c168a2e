// Attention: one head of one sequence at a time, as products of packed groups (products.inl) along
// the head's size for the scores, along the keys for the answer.

inline Words bits_of_bf16(const Floats& x) {
  const Words bits = (Words)x;
  const Words rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  return (bits & 0x7FFFFFFF) > 0x7F800000 ? (bits >> 16) | 0x40 : rounded;  // NaN stays NaN
}

void round_bf16(std::span<const float> x, std::byte* out) {
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes)
    store(out + 2 * i, __builtin_convertvector(bits_of_bf16(load<Floats>(&x[i])), Shorts));
  if (i == x.size()) return;
  float rest[kLanes] = {};
  for (std::size_t j = i; j < x.size(); ++j) rest[j - i] = x[j];
  const Shorts halves = __builtin_convertvector(bits_of_bf16(load<Floats>(rest)), Shorts);
  __builtin_memcpy(out + 2 * i, &halves, 2 * (x.size() - i));
}

// How queries, keys, weights and values become groups. `rows_of` prepares the factors of one side
// in place or in `memory`.
struct F32Groups {
  using Dot = F32Dot;
  static constexpr std::int64_t kElements = 1;
  static const std::byte* row(const float* from, std::int64_t /*size*/, std::byte* /*memory*/) {
    return reinterpret_cast<const std::byte*>(from);
  }
  static Words vector(const float* const* rows, std::int64_t at) {
    return load<Words>(rows[0] + at);
  }
};

struct Bf16Groups {
  using Dot = Bf16Dot;
  static constexpr std::int64_t kElements = 2;
  static const std::byte* row(const float* from, std::int64_t size, std::byte* memory) {
    round_bf16({from, static_cast<std::size_t>(size)}, memory);
    if (size % 2 != 0) __builtin_memset(memory + 2 * size, 0, 2);
    return memory;
  }
  static Words vector(const float* const* rows, std::int64_t at) {
    const Words low = bits_of_bf16(load<Floats>(rows[0] + at));
    if (rows[1] == nullptr) return low;
    return low | bits_of_bf16(load<Floats>(rows[1] + at)) << 16;
  }
};

// The memory of attend(), in groups of four bytes.
template <typename Groups>
struct AttentionMemory {
  AttentionMemory(float* scratch, std::int64_t keys, std::int64_t head)
      : size(head),
        groups((head + Groups::kElements - 1) / Groups::kElements),
        stride(padded_keys(keys)),
        key_groups((keys + Groups::kElements - 1) / Groups::kElements),
        width(padded_keys(head)),
        packed_keys(reinterpret_cast<std::byte*>(scratch)),
        packed_values(packed_keys + kGroupBytes * groups * stride),
        scores(reinterpret_cast<float*>(packed_values + kGroupBytes * key_groups * width)),
        queries(reinterpret_cast<std::byte*>(scores + kQueryTile * stride)) {}

  std::int64_t size, groups;
  std::int64_t stride;       // keys, filled up to whole vectors
  std::int64_t key_groups;   // of scores and values
  std::int64_t width;        // the head's size, filled up to whole vectors
  std::byte* packed_keys;    // [groups][stride]
  std::byte* packed_values;  // [key_groups][width]
  float* scores;             // [kQueryTile][stride]
  std::byte* queries;        // [kQueryTile][groups]
};

template <typename Groups>
inline void pack_keys(ConstMatrix k, const AttentionMemory<Groups>& memory) {
  for (std::int64_t j = 0; j < memory.stride; ++j) {
    std::byte* column = memory.packed_keys + j * kGroupBytes;
    const std::byte* row =
        j < k.rows ? Groups::row(k.row(j), k.cols, memory.queries) : nullptr;  // not in use yet
    for (std::int64_t g = 0; g < memory.groups; ++g) {
      std::int32_t group = 0;
      if (row != nullptr) __builtin_memcpy(&group, row + g * kGroupBytes, sizeof group);
      __builtin_memcpy(column + g * memory.stride * kGroupBytes, &group, sizeof group);
    }
  }
}

template <typename Groups>
inline void pack_values(ConstMatrix v, const AttentionMemory<Groups>& memory) {
  const std::int64_t whole = v.cols / kLanes * kLanes;
  for (std::int64_t g = 0; g < memory.key_groups; ++g) {
    const float* rows[2] = {v.row(g * Groups::kElements), nullptr};
    if (Groups::kElements == 2 && 2 * g + 1 < v.rows) rows[1] = v.row(2 * g + 1);
    std::byte* to = memory.packed_values + g * memory.width * kGroupBytes;
    for (std::int64_t c = 0; c < whole; c += kLanes)
      store(to + c * kGroupBytes, Groups::vector(rows, c));
    if (whole == v.cols) continue;
    float rests[2][kLanes] = {};
    const float* padded[2] = {rests[0], rows[1] == nullptr ? nullptr : rests[1]};
    for (std::int64_t c = whole; c < v.cols; ++c) {
      rests[0][c - whole] = rows[0][c];
      if (rows[1] != nullptr) rests[1][c - whole] = rows[1][c];
    }
    store(to + whole * kGroupBytes, Groups::vector(padded, 0));
  }
}

// R rows of groups times one vector of columns.
template <typename Dot, int R>
inline void combine(const std::byte* const* rows, std::int64_t groups, const std::byte* columns,
                    std::int64_t stride, Floats* sums) {
  Floats local[R] = {};
  for (std::int64_t g = 0; g < groups; ++g) {
    const Ints column = load<Ints>(columns + g * stride * kGroupBytes);
    for (int r = 0; r < R; ++r)
      local[r] = Dot::dot(local[r], splat_group(rows[r] + g * kGroupBytes), column);
  }
  for (int r = 0; r < R; ++r) sums[r] = local[r];
}

// scores = exp(scale * (scores - their largest)); returns 1 / their sum.
inline float exponentials(float scale, std::span<float> scores) {
  const float largest = largest_in(scores);
  Floats sums = {};
  for (std::size_t i = 0; i < scores.size(); i += kLanes) {
    const Floats value = exponential(scale * (load<Floats>(&scores[i]) - largest));
    store(&scores[i], value);
    sums += value;
  }
  return 1.0F / sum_of(sums);
}

template <typename Groups, int R>
inline void attend_tile(ConstMatrix q, std::int64_t keys, const AttentionMemory<Groups>& memory,
                        float scale, Matrix out) {
  using Dot = typename Groups::Dot;
  const std::byte* rows[R];
  for (int r = 0; r < R; ++r)
    rows[r] = Groups::row(q.row(r), memory.size, memory.queries + r * memory.groups * kGroupBytes);
  Floats sums[R];
  for (std::int64_t j = 0; j < memory.stride; j += kLanes) {
    combine<Dot, R>(rows, memory.groups, memory.packed_keys + j * kGroupBytes, memory.stride, sums);
    for (int r = 0; r < R; ++r) store(memory.scores + r * memory.stride + j, sums[r]);
  }
  float factors[R];
  for (int r = 0; r < R; ++r) {
    float* scores = memory.scores + r * memory.stride;
    for (std::int64_t j = keys; j < memory.stride; ++j) scores[j] = -INFINITY;
    factors[r] = exponentials(scale, {scores, static_cast<std::size_t>(memory.stride)});
    rows[r] = Groups::row(scores, keys, reinterpret_cast<std::byte*>(scores));
  }
  for (std::int64_t c = 0; c < memory.size; c += kLanes) {
    combine<Dot, R>(rows, memory.key_groups, memory.packed_values + c * kGroupBytes, memory.width,
                    sums);
    const auto left = static_cast<std::size_t>(memory.size - c);
    for (int r = 0; r < R; ++r) {
      const Floats value = sums[r] * factors[r];
      if (left >= kLanes)
        store(out.row(r) + c, value);
      else
        __builtin_memcpy(out.row(r) + c, &value, left * sizeof(float));
    }
  }
}

template <typename Groups>
void attend(ConstMatrix q, ConstMatrix k, ConstMatrix v, float scale, float* scratch, Matrix out) {
  const AttentionMemory<Groups> memory(scratch, k.rows, k.cols);
  pack_keys(k, memory);
  pack_values(v, memory);
  for_each_tile<kQueryTile>(q.rows, [&](auto height, std::int64_t begin) {
    attend_tile<Groups, height>(q.rows_from(begin, height), k.rows, memory, scale,
                                out.rows_from(begin, height));
  });
}
