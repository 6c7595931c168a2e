// Attention: one head of one sequence at a time, as products of packed groups (products.inl) along
// the head's size for the scores, along the keys for the answer.

// How rows of floats become groups.
struct F32Groups {
  using Dot = F32Dot;
  static constexpr std::int64_t kElements = 1;
  // A row's groups: in place, or written to `memory`.
  static const std::byte* row(const float* from, std::int64_t /*size*/, std::byte* /*memory*/) {
    return reinterpret_cast<const std::byte*>(from);
  }
  // A vector of groups of which each has one value from each of kElements rows.
  static Words across(const Floats* rows) { return (Words)rows[0]; }
};

struct Bf16Groups {
  using Dot = Bf16Dot;
  static constexpr std::int64_t kElements = 2;
  static const std::byte* row(const float* from, std::int64_t size, std::byte* memory) {
    round_bf16({from, static_cast<std::size_t>(size)}, memory);
    if (size % 2 != 0) __builtin_memset(memory + 2 * size, 0, 2);
    return memory;
  }
  static Words across(const Floats* rows) {
    return __builtin_convertvector(to_bf16(rows[0]), Words) |
           __builtin_convertvector(to_bf16(rows[1]), Words) << 16;
  }
};

// The memory of attend(), in groups of four bytes; whole vectors on every side.
template <typename Groups>
struct AttentionMemory {
  AttentionMemory(float* scratch, std::int64_t key_count, std::int64_t head)
      : size(head),
        keys(key_count),
        groups((head + Groups::kElements - 1) / Groups::kElements),
        stride(padded_keys(key_count)),
        key_groups((key_count + Groups::kElements - 1) / Groups::kElements),
        width(padded_keys(head)),
        packed_keys(reinterpret_cast<std::byte*>(scratch)),
        packed_values(packed_keys + kGroupBytes * padded_keys(groups) * stride),
        scores(reinterpret_cast<float*>(packed_values + kGroupBytes * stride * width)),
        queries(reinterpret_cast<std::byte*>(scores + kept_queries(key_count) * stride)),
        values(packed_values) {}

  std::int64_t size, keys;
  std::int64_t groups;       // of a row's elements
  std::int64_t stride;       // keys, filled up
  std::int64_t key_groups;   // of the keys
  std::int64_t width;        // elements, filled up; or what lies between two rows of values
  std::byte* packed_keys;    // [groups, filled up][stride]
  std::byte* packed_values;  // [key_groups][width]; before that, the rows of the keys
  float* scores;             // [kept_queries()][stride]
  std::byte* queries;        // [kLeastQueries][groups]
  const std::byte* values;   // packed_values, or the matrix itself
};

template <typename Groups>
inline void pack_keys(ConstMatrix k, const AttentionMemory<Groups>& memory) {
  const std::int64_t filled = padded_keys(memory.groups);
  std::byte* const rows = memory.packed_values;
  for (std::int64_t j = 0; j < memory.stride; ++j) {
    std::byte* to = rows + j * filled * kGroupBytes;
    const std::int64_t used = j < memory.keys ? memory.groups : 0;
    if (used != 0) {
      const std::byte* row = Groups::row(k.row(j), k.cols, to);
      if (row != to) __builtin_memcpy(to, row, static_cast<std::size_t>(used * kGroupBytes));
    }
    if (used != filled)
      __builtin_memset(to + used * kGroupBytes, 0,
                       static_cast<std::size_t>((filled - used) * kGroupBytes));
  }
  for (std::int64_t g = 0; g < filled; g += kLanes)
    for (std::int64_t j = 0; j < memory.stride; j += kLanes)
      transpose_square(
          [&](int i) { return load<Words>(rows + ((j + i) * filled + g) * kGroupBytes); },
          memory.packed_keys + (g * memory.stride + j) * kGroupBytes, memory.stride);
}

// The same where rows are whole vectors of groups as they lie.
template <typename Groups>
inline void pack_whole_keys(ConstMatrix k, const AttentionMemory<Groups>& memory) {
  for (std::int64_t g = 0; g < memory.groups; g += kLanes)
    for (std::int64_t j = 0; j < memory.stride; j += kLanes)
      transpose_square(
          [&](int i) { return j + i < memory.keys ? load<Words>(k.row(j + i) + g) : Words{}; },
          memory.packed_keys + (g * memory.stride + j) * kGroupBytes, memory.stride);
}

// Columns [c, c + kLanes) of a row, zero where there is none.
inline Floats columns_of(ConstMatrix v, std::int64_t row, std::int64_t c) {
  if (row >= v.rows) return Floats{};
  if (c + kLanes <= v.cols) return load<Floats>(v.row(row) + c);
  float rest[kLanes] = {};
  for (std::int64_t i = c; i < v.cols; ++i) rest[i - c] = v.row(row)[i];
  return load<Floats>(rest);
}

template <typename Groups>
inline void pack_values(ConstMatrix v, const AttentionMemory<Groups>& memory) {
  for (std::int64_t g = 0; g < memory.key_groups; ++g) {
    std::byte* to = memory.packed_values + g * memory.width * kGroupBytes;
    for (std::int64_t c = 0; c < memory.width; c += kLanes) {
      Floats rows[Groups::kElements];
      for (std::int64_t i = 0; i < Groups::kElements; ++i)
        rows[i] = columns_of(v, g * Groups::kElements + i, c);
      store(to + c * kGroupBytes, Groups::across(rows));
    }
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

// Minus infinity in the lanes of [first, first + kLanes) that lie behind `count`.
inline Floats cut_off(Floats v, std::int64_t first, std::int64_t count) {
  if (first + kLanes <= count) return v;
  Ints lanes;
  for (int i = 0; i < kLanes; ++i) lanes[i] = i;
  return lanes < static_cast<std::int32_t>(count - first) ? v : splat(-INFINITY);
}

// scores[r][j] = q[r] . k[j], for R rows; minus infinity behind the last key.
template <typename Groups, int R>
inline void score_tile(ConstMatrix q, const AttentionMemory<Groups>& memory, float* scores) {
  const std::byte* rows[R];
  for (int r = 0; r < R; ++r)
    rows[r] = Groups::row(q.row(r), memory.size, memory.queries + r * memory.groups * kGroupBytes);
  for (std::int64_t j = 0; j < memory.stride; j += kLanes) {
    Floats sums[R];
    combine<typename Groups::Dot, R>(rows, memory.groups, memory.packed_keys + j * kGroupBytes,
                                     memory.stride, sums);
    for (int r = 0; r < R; ++r)
      store(scores + r * memory.stride + j, cut_off(sums[r], j, memory.keys));
  }
}

// scores = exp(scale * (scores - their largest)), whole vectors; returns 1 / their sum.
inline float exponentials(float scale, float* scores, std::int64_t count) {
  Floats best = load<Floats>(scores);
  for (std::int64_t i = kLanes; i < count; i += kLanes)
    best = greater_of(load<Floats>(scores + i), best);
  best = largests_of(best);
  Floats sums = {};
  for (std::int64_t i = 0; i < count; i += kLanes) {
    const Floats value = exponential(scale * (load<Floats>(scores + i) - best));
    store(scores + i, value);
    sums += value;
  }
  return 1.0F / sum_of(sums);
}

// out[r] = sum over j of scores[r][j] * v[j], times a factor.
template <typename Groups, int R>
inline void answer_tile(float* scores, const float* factors, const AttentionMemory<Groups>& memory,
                        Matrix out) {
  const std::byte* rows[R];
  for (int r = 0; r < R; ++r) {
    float* row = scores + r * memory.stride;
    // Whole vectors: what is behind the last key is as good as nothing.
    rows[r] = Groups::row(row, memory.stride, reinterpret_cast<std::byte*>(row));
  }
  for (std::int64_t c = 0; c < memory.size; c += kLanes) {
    Floats sums[R];
    combine<typename Groups::Dot, R>(rows, memory.key_groups, memory.values + c * kGroupBytes,
                                     memory.width, sums);
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

// Step by step for a block of rows, so that the steps of one row, which wait for one another, have
// those of others beside them.
template <typename Groups>
void attend(ConstMatrix q, ConstMatrix k, ConstMatrix v, float scale, float* scratch, Matrix out) {
  AttentionMemory<Groups> memory(scratch, k.rows, k.cols);
  if (Groups::kElements == 1 && k.cols % kLanes == 0) {
    pack_whole_keys(k, memory);
    memory.values = reinterpret_cast<const std::byte*>(v.data);
    memory.width = v.stride;
  } else {
    pack_keys(k, memory);
    pack_values(v, memory);
  }
  const std::int64_t block = query_block(k.rows);
  for (std::int64_t begin = 0; begin < q.rows; begin += block) {
    const std::int64_t rows = q.rows - begin < block ? q.rows - begin : block;
    for_each_tile<kQueryTile>(rows, [&](auto height, std::int64_t r) {
      score_tile<Groups, height>(q.rows_from(begin + r, height), memory,
                                 memory.scores + r * memory.stride);
    });
    float factors[kMostQueries];
    for (std::int64_t r = 0; r < rows; ++r)
      factors[r] = exponentials(scale, memory.scores + r * memory.stride, memory.stride);
    for_each_tile<kQueryTile>(rows, [&](auto height, std::int64_t r) {
      answer_tile<Groups, height>(memory.scores + r * memory.stride, factors + r, memory,
                                  out.rows_from(begin + r, height));
    });
  }
}
