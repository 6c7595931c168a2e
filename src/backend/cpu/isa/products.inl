// Matrix products over packed panels, written once for the three forms of weights.

struct Int8Dot {
  using Sums = Ints;
  static constexpr TileShape kTile = kInt8Tile;
  static Ints dot(Ints sums, Ints x, Ints weights) { return dot_bytes(sums, x, weights); }
  // What the rows' zeros add to the sums is taken away beforehand.
  static Ints start(const PackedRows& x, std::int64_t row, const PackedPanel& panel,
                    std::int64_t n) {
    return -(x.zeros[row] * load<Ints>(panel.sums + n));
  }
  static Floats finish(Ints sums, const PackedRows& x, std::int64_t row, Floats scales) {
    return __builtin_convertvector(sums, Floats) * (scales * x.scales[row]);
  }
  static Floats scales(const PackedPanel& panel, std::int64_t n) {
    return load<Floats>(panel.scales + n);
  }
};

struct FloatSums {
  using Sums = Floats;
  static Floats start(const PackedRows& /*x*/, std::int64_t /*row*/, const PackedPanel& /*panel*/,
                      std::int64_t /*n*/) {
    return Floats{};
  }
  static Floats finish(Floats sums, const PackedRows& /*x*/, std::int64_t /*row*/,
                       Floats /*scales*/) {
    return sums;
  }
  static Floats scales(const PackedPanel& /*panel*/, std::int64_t /*n*/) { return Floats{}; }
};

struct Bf16Dot : FloatSums {
  static constexpr TileShape kTile = kBf16Tile;
  static Floats dot(Floats sums, Ints x, Ints weights) { return dot_bf16(sums, x, weights); }
};

struct F32Dot : FloatSums {
  static constexpr TileShape kTile = kF32Tile;
  static Floats dot(Floats sums, Ints x, Ints weights) {
    return multiply_add(sums, (Floats)x, (Floats)weights);
  }
};

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

inline Ints splat_group(const std::byte* group) {
  return load<std::int32_t>(group) - Ints{};
}

// out = what the sums of a row's vector of outputs stand for, and the addends.
template <typename Dot>
inline void finish_product(typename Dot::Sums sums, const PackedRows& x, std::int64_t row,
                           std::int64_t n, Floats scales, Floats bias, const Addends& addends,
                           Matrix out) {
  Floats value = Dot::finish(sums, x, row, scales) + bias;
  if (addends.residual != nullptr)
    value += load<Floats>(addends.residual + row * addends.stride + n);
  store(out.row(row) + n, value);
}

inline Floats bias_at(const Addends& addends, std::int64_t n) {
  return addends.bias == nullptr ? Floats{} : load<Floats>(addends.bias + n);
}

// R rows times kTile.vectors vectors of outputs, beginning with output `first` of the panel.
template <typename Dot, int R>
inline void product_tile(const PackedRows& x, std::int64_t begin, const PackedPanel& panel,
                         std::int64_t first, const Addends& addends, Matrix out) {
  constexpr int kVectors = Dot::kTile.vectors;
  constexpr std::int64_t kStep = kPanel * kGroupBytes;
  typename Dot::Sums sums[R][kVectors];
  for (int v = 0; v < kVectors; ++v)
    for (int r = 0; r < R; ++r) sums[r][v] = Dot::start(x, begin + r, panel, first + v * kLanes);
  const std::byte* weights = panel.weights + first * kGroupBytes;
  // The weights that are next: beside these, or where the next panel begins.
  constexpr std::int64_t kWidth = kVectors * kLanes;
  const std::int64_t ahead =
      (first + kWidth < kPanel ? kWidth : panel.groups * kPanel - first) * kGroupBytes;
  const std::byte* rows = x.data + begin * x.stride;
  for (std::int64_t g = 0; g < panel.groups; ++g, weights += kStep, rows += kGroupBytes) {
    Ints w[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      w[v] = load<Ints>(weights + v * kLanes * kGroupBytes);
      __builtin_prefetch(weights + ahead + v * kLanes * kGroupBytes, 0, 2);
    }
    for (int r = 0; r < R; ++r) {
      const Ints a = splat_group(rows + r * x.stride);
      for (int v = 0; v < kVectors; ++v) sums[r][v] = Dot::dot(sums[r][v], a, w[v]);
    }
  }
  // Unrolled, so that the sums stay in registers.
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    const std::int64_t n = first + v * kLanes;
    const Floats scales = Dot::scales(panel, n);
    const Floats bias = bias_at(addends, n);
    for (int r = 0; r < R; ++r)
      finish_product<Dot>(sums[r][v], x, begin + r, n, scales, bias, addends, out);
  }
}

template <typename Dot>
void whole_panel(const PackedRows& x, const PackedPanel& panel, const Addends& addends,
                 Matrix out) {
  for (std::int64_t n = 0; n < kPanel; n += Dot::kTile.vectors * kLanes)
    for_each_tile<Dot::kTile.rows>(x.rows, [&](auto height, std::int64_t begin) {
      product_tile<Dot, height>(x, begin, panel, n, addends, out);
    });
}

// A panel that is not full: by way of memory that is.
template <Multiply kWholePanel>
void part_of_panel(const PackedRows& x, const PackedPanel& panel, const Addends& addends,
                   Matrix out) {
  constexpr std::int64_t kRows = 16;  // at a time
  const auto size = sizeof(float) * static_cast<std::size_t>(out.cols);
  float bias[kPanel] = {};
  if (addends.bias != nullptr) __builtin_memcpy(bias, addends.bias, size);
  float residual[kRows * kPanel] = {};
  float product[kRows * kPanel];
  for (std::int64_t begin = 0; begin < x.rows; begin += kRows) {
    const std::int64_t rows = x.rows - begin < kRows ? x.rows - begin : kRows;
    Addends padded{bias, nullptr, kPanel};
    if (addends.residual != nullptr) {
      padded.residual = residual;
      for (std::int64_t r = 0; r < rows; ++r)
        __builtin_memcpy(residual + r * kPanel, addends.residual + (begin + r) * addends.stride,
                         size);
    }
    kWholePanel(x.from(begin, rows), panel, padded, {product, rows, kPanel});
    for (std::int64_t r = 0; r < rows; ++r)
      __builtin_memcpy(out.row(begin + r), product + r * kPanel, size);
  }
}

template <Multiply kWholePanel>
void multiply(const PackedRows& x, const PackedPanel& panel, const Addends& addends, Matrix out) {
  if (out.cols < kPanel)
    part_of_panel<kWholePanel>(x, panel, addends, out);
  else
    kWholePanel(x, panel, addends, out);
}
