// Matrix products by tiles, registers of up to 16 rows of 64 bytes: 16 rows of activations times
// the 64 outputs of a panel, 16 groups at a time. A panel's groups are the rows of a tile of
// weights as they lie. The file that includes this behind kernels.inl defines, the numbers of tiles
// being template arguments:
//   configure_tiles(TileShapes), release_tiles()
//   tile_zero<T>(), tile_load<T>(from, stride), tile_store<T>(to, stride)
//   tile_dot_bytes<Sums, X, Weights>(), tile_dot_bf16<Sums, X, Weights>()

struct BytesByTile : Int8Dot {
  template <int T, int X, int W>
  static void tile_dot() {
    tile_dot_bytes<T, X, W>();
  }
};

struct Bf16ByTile : Bf16Dot {
  template <int T, int X, int W>
  static void tile_dot() {
    tile_dot_bf16<T, X, W>();
  }
};

// Tiles 0 to 3 are the sums of 16 outputs each.
constexpr int kXTile = 4, kWeightTile = 5;
constexpr int kRestXTile = 6, kRestWeightTile = 7;  // of fewer than 16 groups
constexpr std::int64_t kTileRows = 16;
constexpr std::int64_t kTileGroups = 16;
constexpr std::int64_t kTileBytes = 64;  // of a row
constexpr std::int64_t kPanelBytes = kPanel * kGroupBytes;

inline TileShapes tile_shapes(std::int64_t rows, std::int64_t rest_groups) {
  TileShapes shapes;
  const auto set = [&](int tile, std::int64_t height, std::int64_t width) {
    shapes.rows[tile] = static_cast<std::uint8_t>(height);
    shapes.bytes[tile] = static_cast<std::uint16_t>(width);
  };
  for (int sums = 0; sums < 4; ++sums) set(sums, rows, kTileBytes);
  set(kXTile, rows, kTileGroups * kGroupBytes);
  set(kWeightTile, kTileGroups, kTileBytes);
  if (rest_groups > 0) {
    set(kRestXTile, rows, rest_groups * kGroupBytes);
    set(kRestWeightTile, rest_groups, kTileBytes);
  }
  return shapes;
}

template <typename Dot, int T, int X, int W>
inline void add_outputs(const std::byte* weights) {
  tile_load<W>(weights + T * kTileBytes, kPanelBytes);
  Dot::template tile_dot<T, X, W>();
}

// sums += x . weights over the groups of a tile.
template <typename Dot, int X, int W>
inline void add_groups(const std::byte* x, std::int64_t stride, const std::byte* weights) {
  tile_load<X>(x, stride);
  add_outputs<Dot, 0, X, W>(weights);
  add_outputs<Dot, 1, X, W>(weights);
  add_outputs<Dot, 2, X, W>(weights);
  add_outputs<Dot, 3, X, W>(weights);
}

// to[row][output] = x . weights, for the rows that the tiles are configured for.
template <typename Dot>
inline void tile_sums(const std::byte* x, std::int64_t stride, const PackedPanel& panel, void* to) {
  tile_zero<0>();
  tile_zero<1>();
  tile_zero<2>();
  tile_zero<3>();
  const std::byte* weights = panel.weights;
  std::int64_t left = panel.groups;
  for (; left >= kTileGroups; left -= kTileGroups) {
    add_groups<Dot, kXTile, kWeightTile>(x, stride, weights);
    x += kTileGroups * kGroupBytes;
    weights += kTileGroups * kPanelBytes;
  }
  if (left > 0) add_groups<Dot, kRestXTile, kRestWeightTile>(x, stride, weights);
  auto* sums = static_cast<std::byte*>(to);
  tile_store<0>(sums, kPanelBytes);
  tile_store<1>(sums + kTileBytes, kPanelBytes);
  tile_store<2>(sums + 2 * kTileBytes, kPanelBytes);
  tile_store<3>(sums + 3 * kTileBytes, kPanelBytes);
}

// The tiles are released behind each panel: a thread that waits shall not carry their state.
template <typename Dot>
void tiled_panel(const PackedRows& x, const PackedPanel& panel, const Addends& addends,
                 Matrix out) {
  alignas(64) std::byte sums[kTileRows * kPanelBytes];
  std::int64_t configured = 0;
  for (std::int64_t begin = 0; begin < x.rows; begin += kTileRows) {
    const std::int64_t rows = x.rows - begin < kTileRows ? x.rows - begin : kTileRows;
    if (rows != configured) configure_tiles(tile_shapes(rows, panel.groups % kTileGroups));
    configured = rows;
    tile_sums<Dot>(x.data + begin * x.stride, x.stride, panel, sums);
    for (std::int64_t n = 0; n < kPanel; n += kLanes) {
      const Floats scales = Dot::scales(panel, n);
      const Floats bias = bias_at(addends, n);
      for (std::int64_t r = 0; r < rows; ++r) {
        const auto sum = load<typename Dot::Sums>(sums + r * kPanelBytes + n * kGroupBytes);
        finish_product<Dot>(sum + Dot::start(x, begin + r, panel, n), x, begin + r, n, scales, bias,
                            addends, out);
      }
    }
  }
  release_tiles();
}
