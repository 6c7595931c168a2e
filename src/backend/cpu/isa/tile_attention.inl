// Attention in bfloat16 by tiles (tile_products.inl): the steps and the memory of attention.inl,
// for 16 queries at a time.

constexpr std::int64_t kTileColumns = kTileBytes / static_cast<std::int64_t>(sizeof(float));

// to[row][column] = x . columns over `steps` tiles of groups, for up to four tiles of columns and
// the rows that WideBlock's tiles are configured for. Strides are bytes.
inline void multiply_tiles(const std::byte* x, std::int64_t x_stride, std::int64_t steps,
                           const std::byte* columns, std::int64_t stride, std::int64_t tiles,
                           float* to, std::int64_t to_stride) {
  tile_zero<0>();
  tile_zero<1>();
  tile_zero<2>();
  tile_zero<3>();
  for (std::int64_t s = 0; s < steps; ++s, x += kTileBytes, columns += kTileGroups * stride) {
    tile_load<4>(x, x_stride);
    tile_load<5>(columns, stride);
    tile_dot_bf16<0, 4, 5>();
    if (tiles > 1) {
      tile_load<6>(columns + kTileBytes, stride);
      tile_dot_bf16<1, 4, 6>();
    }
    if (tiles > 2) {
      tile_load<7>(columns + 2 * kTileBytes, stride);
      tile_dot_bf16<2, 4, 7>();
    }
    if (tiles > 3) {
      tile_load<5>(columns + 3 * kTileBytes, stride);
      tile_dot_bf16<3, 4, 5>();
    }
  }
  tile_store<0>(to, to_stride);
  if (tiles > 1) tile_store<1>(to + kTileColumns, to_stride);
  if (tiles > 2) tile_store<2>(to + 2 * kTileColumns, to_stride);
  if (tiles > 3) tile_store<3>(to + 3 * kTileColumns, to_stride);
}

// All columns, four tiles at a time; their number, whole tiles, is their stride too.
inline void multiply_all_tiles(const std::byte* x, std::int64_t x_stride, std::int64_t steps,
                               const std::byte* columns, std::int64_t count, float* to) {
  constexpr std::int64_t kMost = 4 * kTileColumns;
  for (std::int64_t c = 0; c < count; c += kMost)
    multiply_tiles(x, x_stride, steps, columns + c * kGroupBytes, count * kGroupBytes,
                   (count - c < kMost ? count - c : kMost) / kTileColumns, to + c,
                   count * kGroupBytes);
}

using TileMemory = AttentionMemory<Bf16Groups>;

// Groups of keys, in whole tiles.
inline std::int64_t whole_key_groups(const TileMemory& memory) {
  return padded_keys(memory.key_groups);
}

inline void fill_up_values(const TileMemory& memory) {
  __builtin_memset(memory.packed_values + memory.key_groups * memory.width * kGroupBytes, 0,
                   static_cast<std::size_t>((whole_key_groups(memory) - memory.key_groups) *
                                            memory.width * kGroupBytes));
}

inline void score_by_tiles(ConstMatrix q, const TileMemory& memory, float* scores) {
  const std::int64_t filled = padded_keys(memory.groups);
  const std::int64_t row_bytes = filled * kGroupBytes;
  for (std::int64_t r = 0; r < q.rows; ++r) {
    std::byte* to = memory.queries + r * row_bytes;
    Bf16Groups::row(q.row(r), memory.size, to);
    __builtin_memset(to + memory.groups * kGroupBytes, 0,
                     static_cast<std::size_t>((filled - memory.groups) * kGroupBytes));
  }
  multiply_all_tiles(memory.queries, row_bytes, filled / kTileGroups, memory.packed_keys,
                     memory.stride, scores);
  for (std::int64_t r = 0; r < q.rows; ++r) {
    float* const row = scores + r * memory.stride;
    for (std::int64_t j = memory.keys / kLanes * kLanes; j < memory.stride; j += kLanes)
      store(row + j, cut_off(load<Floats>(row + j), j, memory.keys));
  }
}

inline void answer_by_tiles(float* scores, const float* factors, const TileMemory& memory,
                            Matrix out) {
  const std::int64_t row_bytes = memory.stride * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t filled = whole_key_groups(memory) * kGroupBytes;
  for (std::int64_t r = 0; r < out.rows; ++r) {
    float* row = scores + r * memory.stride;
    auto* halves = reinterpret_cast<std::byte*>(row);
    round_bf16({row, static_cast<std::size_t>(memory.stride)}, halves);
    const std::int64_t used = 2 * memory.stride;
    __builtin_memset(halves + used, 0, static_cast<std::size_t>(filled - used));
  }
  auto* answers = reinterpret_cast<float*>(memory.queries);
  multiply_all_tiles(reinterpret_cast<const std::byte*>(scores), row_bytes,
                     whole_key_groups(memory) / kTileGroups, memory.values, memory.width, answers);
  for (std::int64_t r = 0; r < out.rows; ++r) {
    float* row = answers + r * memory.width;
    for (std::int64_t c = 0; c < memory.width; c += kLanes)
      store(row + c, load<Floats>(row + c) * factors[r]);
    __builtin_memcpy(out.row(r), row, static_cast<std::size_t>(memory.size) * sizeof(float));
  }
}

inline void attend_by_tiles(ConstMatrix q, ConstMatrix k, ConstMatrix v, float scale,
                            float* scratch, Matrix out) {
  const TileMemory memory(scratch, k.rows, k.cols);
  pack_keys(k, memory);
  pack_values(v, memory);
  fill_up_values(memory);
  std::int64_t configured = 0;
  for (std::int64_t begin = 0; begin < q.rows; begin += kTileRows) {
    const std::int64_t rows = q.rows - begin < kTileRows ? q.rows - begin : kTileRows;
    if (rows != configured) configure_tiles(WideBlock<Bf16ByTile>::shapes(rows));
    configured = rows;
    score_by_tiles(q.rows_from(begin, rows), memory, memory.scores);
    float factors[kTileRows];
    for (std::int64_t r = 0; r < rows; ++r)
      factors[r] = exponentials(scale, memory.scores + r * memory.stride, memory.stride);
    answer_by_tiles(memory.scores, factors, memory, out.rows_from(begin, rows));
  }
  release_tiles();
}
