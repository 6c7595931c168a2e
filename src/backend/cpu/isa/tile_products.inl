// Matrix products by tiles, registers of up to 16 rows of 64 bytes. A panel's groups are the rows
// of a tile of weights as they lie. The file that includes this behind kernels.inl defines, the
// numbers of tiles being template arguments:
//   configure_tiles(TileShapes), release_tiles()
//   tile_zero<T>(), tile_load<T>(from, stride), tile_store<T>(to, stride)
//   tile_dot_bytes<Sums, X, Weights>(), tile_dot_bf16<Sums, X, Weights>()

// kFewRows: so many or fewer are multiplied by vectors. A step of tiles takes as long as reading
// its weights, so that it is no faster for them. Sums of floats stay with tiles, because their bits
// depend on the way.
struct BytesByTile : Int8Dot {
  static constexpr std::int64_t kFewRows = 7;
  template <int T, int X, int W>
  static void tile_dot() {
    tile_dot_bytes<T, X, W>();
  }
};

struct Bf16ByTile : Bf16Dot {
  static constexpr std::int64_t kFewRows = 0;
  template <int T, int X, int W>
  static void tile_dot() {
    tile_dot_bf16<T, X, W>();
  }
};

constexpr std::int64_t kTileRows = 16;
constexpr std::int64_t kTileGroups = 16;
constexpr std::int64_t kTileBytes = 64;  // of a row
constexpr std::int64_t kPanelBytes = kPanel * kGroupBytes;
constexpr std::int64_t kStepBytes = kTileGroups * kPanelBytes;  // of a panel's weights

// kTileGroups groups of rows and of weights.
struct TileStep {
  const std::byte* x;
  std::int64_t stride;  // of x
  const std::byte* weights;
  std::int64_t ahead;  // from the weights to those that are wanted next; 0: they are there already
};

inline void set_tile(TileShapes& shapes, int tile, std::int64_t rows) {
  shapes.rows[tile] = static_cast<std::uint8_t>(rows);
  shapes.bytes[tile] = static_cast<std::uint16_t>(kTileBytes);
}

// Up to 16 rows times all outputs of a panel.
template <typename Dot>
struct WideBlock {
  static constexpr std::int64_t kRows = kTileRows;
  static constexpr std::int64_t kOutputs = kPanel;

  static TileShapes shapes(std::int64_t rows) {
    TileShapes shapes;
    for (int tile = 0; tile < 5; ++tile) set_tile(shapes, tile, rows);
    for (int tile = 5; tile < 8; ++tile) set_tile(shapes, tile, kTileGroups);
    return shapes;
  }

  static void add(const TileStep& step, std::int64_t /*rows*/) {
    tile_load<4>(step.x, step.stride);
    tile_load<5>(step.weights, kPanelBytes);
    Dot::template tile_dot<0, 4, 5>();
    tile_load<6>(step.weights + kTileBytes, kPanelBytes);
    Dot::template tile_dot<1, 4, 6>();
    tile_load<7>(step.weights + 2 * kTileBytes, kPanelBytes);
    Dot::template tile_dot<2, 4, 7>();
    tile_load<5>(step.weights + 3 * kTileBytes, kPanelBytes);
    Dot::template tile_dot<3, 4, 5>();
  }

  static void store(std::byte* sums, std::int64_t /*rows*/) {
    tile_store<0>(sums, kPanelBytes);
    tile_store<1>(sums + kTileBytes, kPanelBytes);
    tile_store<2>(sums + 2 * kTileBytes, kPanelBytes);
    tile_store<3>(sums + 3 * kTileBytes, kPanelBytes);
  }
};

// Up to 32 rows times half of the outputs: what is loaded is used twice.
template <typename Dot>
struct SquareBlock {
  static constexpr std::int64_t kRows = 2 * kTileRows;
  static constexpr std::int64_t kOutputs = kPanel / 2;

  static std::int64_t upper(std::int64_t rows) { return (rows + 1) / 2; }

  static TileShapes shapes(std::int64_t rows) {
    TileShapes shapes;
    for (const int tile : {0, 1, 4}) set_tile(shapes, tile, upper(rows));
    for (const int tile : {2, 3, 5}) set_tile(shapes, tile, rows - upper(rows));
    for (const int tile : {6, 7}) set_tile(shapes, tile, kTileGroups);
    return shapes;
  }

  static void add(const TileStep& step, std::int64_t rows) {
    tile_load<4>(step.x, step.stride);
    tile_load<6>(step.weights, kPanelBytes);
    Dot::template tile_dot<0, 4, 6>();
    tile_load<7>(step.weights + kTileBytes, kPanelBytes);
    Dot::template tile_dot<1, 4, 7>();
    tile_load<5>(step.x + upper(rows) * step.stride, step.stride);
    Dot::template tile_dot<2, 5, 6>();
    Dot::template tile_dot<3, 5, 7>();
    if (step.ahead != 0) fetch(step.weights + step.ahead);
  }

  static void fetch(const std::byte* weights) {
    for (std::int64_t g = 0; g < kTileGroups; ++g)
      for (std::int64_t i = 0; i < kOutputs * kGroupBytes; i += kTileBytes)
        __builtin_prefetch(weights + g * kPanelBytes + i, 0, 2);
  }

  static void store(std::byte* sums, std::int64_t rows) {
    constexpr std::int64_t kStride = kOutputs * kGroupBytes;
    std::byte* const lower = sums + upper(rows) * kStride;
    tile_store<0>(sums, kStride);
    tile_store<1>(sums + kTileBytes, kStride);
    tile_store<2>(lower, kStride);
    tile_store<3>(lower + kTileBytes, kStride);
  }
};

// The last groups of a panel where they do not fill a tile, filled up with zeros.
struct alignas(64) RestOfGroups {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before it is read
  explicit RestOfGroups(const PackedPanel& panel) : groups(panel.groups % kTileGroups) {
    if (groups == 0) return;
    const auto bytes = static_cast<std::size_t>(groups * kPanelBytes);
    __builtin_memcpy(weights, panel.weights + (panel.groups - groups) * kPanelBytes, bytes);
    __builtin_memset(weights + bytes, 0, sizeof weights - bytes);
  }
  void take_rows(const std::byte* from, std::int64_t stride, std::int64_t rows) {
    const auto bytes = static_cast<std::size_t>(groups * kGroupBytes);
    for (std::int64_t r = 0; r < rows; ++r) {
      __builtin_memcpy(x + r * kTileBytes, from + r * stride, bytes);
      __builtin_memset(x + r * kTileBytes + bytes, 0, kTileBytes - bytes);
    }
  }

  std::int64_t groups;
  std::byte weights[kStepBytes];
  std::byte x[2 * kTileRows * kTileBytes];
};

// sums[row][output] = x . weights, for outputs of the panel from `first` on.
template <template <typename> typename Block, typename Dot>
inline void block_sums(const PackedRows& x, const PackedPanel& panel, std::int64_t first,
                       bool fetches, RestOfGroups& rest, std::byte* sums) {
  tile_zero<0>();
  tile_zero<1>();
  tile_zero<2>();
  tile_zero<3>();
  const std::int64_t offset = first * kGroupBytes;
  const std::int64_t whole = panel.groups - rest.groups;
  const std::int64_t ahead = fetches ? panel.groups * kPanelBytes : 0;
  for (std::int64_t g = 0; g < whole; g += kTileGroups)
    Block<Dot>::add(
        {x.data + g * kGroupBytes, x.stride, panel.weights + g * kPanelBytes + offset, ahead},
        x.rows);
  if (rest.groups > 0) {
    rest.take_rows(x.data + whole * kGroupBytes, x.stride, x.rows);
    Block<Dot>::add({rest.x, kTileBytes, rest.weights + offset, 0}, x.rows);
  }
  Block<Dot>::store(sums, x.rows);
}

// Rows [begin, begin + rows) of the product.
template <template <typename> typename Block, typename Dot>
inline void block_product(const PackedRows& x, std::int64_t begin, std::int64_t rows,
                          const PackedPanel& panel, RestOfGroups& rest, const Addends& addends,
                          Matrix out) {
  constexpr std::int64_t kOutputs = Block<Dot>::kOutputs;
  alignas(64) std::byte sums[Block<Dot>::kRows * kOutputs * kGroupBytes];
  for (std::int64_t first = 0; first < kPanel; first += kOutputs) {
    block_sums<Block, Dot>(x.from(begin, rows), panel, first, begin == 0, rest, sums);
    for (std::int64_t n = 0; n < kOutputs; n += kLanes) {
      const Floats scales = Dot::scales(panel, first + n);
      const Floats bias = bias_at(addends, first + n);
      for (std::int64_t r = 0; r < rows; ++r) {
        const auto sum = load<typename Dot::Sums>(sums + (r * kOutputs + n) * kGroupBytes);
        finish_product<Dot>(sum + Dot::start(x, begin + r, panel, first + n), x, begin + r,
                            first + n, scales, bias, addends, out);
      }
    }
  }
}

template <template <typename> typename Block, typename Dot>
inline void blocks_product(const PackedRows& x, const PackedPanel& panel, const Addends& addends,
                           Matrix out) {
  RestOfGroups rest(panel);
  const std::int64_t blocks = (x.rows + Block<Dot>::kRows - 1) / Block<Dot>::kRows;
  std::int64_t configured = 0;
  for (std::int64_t i = 0; i < blocks; ++i) {
    const std::int64_t begin = x.rows * i / blocks;
    const std::int64_t rows = x.rows * (i + 1) / blocks - begin;
    if (rows != configured) configure_tiles(Block<Dot>::shapes(rows));
    configured = rows;
    block_product<Block, Dot>(x, begin, rows, panel, rest, addends, out);
  }
}

// The tiles are released behind each panel: a thread that waits shall not carry their state.
template <typename Dot>
void tiled_panel(const PackedRows& x, const PackedPanel& panel, const Addends& addends,
                 Matrix out) {
  if (x.rows <= Dot::kFewRows) return whole_panel<Dot>(x, panel, addends, out);
  if (x.rows <= kTileRows)
    blocks_product<WideBlock, Dot>(x, panel, addends, out);
  else
    blocks_product<SquareBlock, Dot>(x, panel, addends, out);
  release_tiles();
}
