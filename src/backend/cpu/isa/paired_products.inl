// Matrix products with instructions that multiply two rows by two outputs over two groups at once
// (ARM's matrix multiplications). Of weights, two groups of four outputs are zipped into two such
// operands. The file that includes this behind kernels.inl derives from a Dot of products.inl
//   dot_pairs(sums, x, weights)   sums[2 i + j] += x[i] . weights[j], i and j being rows and
//   outputs

struct PairedVectors {
  Ints low, high;  // of outputs 0, 1 and 2, 3
};

inline PairedVectors zip(const Ints& even, const Ints& odd) {
  return {__builtin_shufflevector(even, odd, 0, 4, 1, 5),
          __builtin_shufflevector(even, odd, 2, 6, 3, 7)};
}

// R rows times kTile.vectors vectors of four outputs, beginning with output `first` of the panel.
// An odd last row is its own neighbour; behind an odd last group there are zeros.
template <typename Dot, int R>
inline void paired_tile(const PackedRows& x, std::int64_t begin, const PackedPanel& panel,
                        std::int64_t first, const Addends& addends, Matrix out) {
  using Pairs = std::int64_t __attribute__((vector_size(16)));
  constexpr int kVectors = Dot::kTile.vectors;
  constexpr int kPairs = (R + 1) / 2;
  constexpr std::int64_t kStep = kPanel * kGroupBytes;
  typename Dot::Sums low[kPairs][kVectors] = {};
  typename Dot::Sums high[kPairs][kVectors] = {};
  const std::byte* weights = panel.weights + first * kGroupBytes;
  const std::byte* rows = x.data + begin * x.stride;
  const auto row = [&](int r) { return rows + (r < R ? r : R - 1) * x.stride; };
  const auto add = [&](const auto& groups_of, const auto& odd_weights) {
    Ints a[kPairs];
    for (int p = 0; p < kPairs; ++p)
      a[p] = (Ints)Pairs{groups_of(row(2 * p)), groups_of(row(2 * p + 1))};
    for (int v = 0; v < kVectors; ++v) {
      const std::int64_t at = v * kLanes * kGroupBytes;
      const PairedVectors w = zip(load<Ints>(weights + at), odd_weights(at));
      for (int p = 0; p < kPairs; ++p) {
        low[p][v] = Dot::dot_pairs(low[p][v], a[p], w.low);
        high[p][v] = Dot::dot_pairs(high[p][v], a[p], w.high);
      }
    }
  };
  for (std::int64_t g = 0; g + 1 < panel.groups; g += 2) {
    add([](const std::byte* from) { return load<std::int64_t>(from); },
        [&](std::int64_t at) { return load<Ints>(weights + kStep + at); });
    rows += 2 * kGroupBytes;
    weights += 2 * kStep;
  }
  if (panel.groups % 2 != 0)
    add([](const std::byte* from) { return std::int64_t{load<std::uint32_t>(from)}; },
        [](std::int64_t) { return Ints{}; });
  for (int v = 0; v < kVectors; ++v) {
    const std::int64_t n = first + v * kLanes;
    const Floats scales = Dot::scales(panel, n);
    const Floats bias = bias_at(addends, n);
    for (int r = 0; r < R; ++r) {
      const typename Dot::Sums& left = low[r / 2][v];
      const typename Dot::Sums& right = high[r / 2][v];
      const auto sums = r % 2 == 0 ? __builtin_shufflevector(left, right, 0, 1, 4, 5)
                                   : __builtin_shufflevector(left, right, 2, 3, 6, 7);
      finish_product<Dot>(sums + Dot::start(x, begin + r, panel, n), x, begin + r, n, scales, bias,
                          addends, out);
    }
  }
}

template <typename Dot>
void paired_panel(const PackedRows& x, const PackedPanel& panel, const Addends& addends,
                  Matrix out) {
  for (std::int64_t n = 0; n < kPanel; n += Dot::kTile.vectors * kLanes)
    for_each_tile<Dot::kTile.rows>(x.rows, [&](auto height, std::int64_t begin) {
      paired_tile<Dot, height>(x, begin, panel, n, addends, out);
    });
}

struct PairedBytes : Int8Dot {
  static Ints dot_pairs(Ints sums, Ints x, Ints weights) {
    asm("smmla %0.4s, %1.16b, %2.16b" : "+w"(sums) : "w"(x), "w"(weights));
    return sums;
  }
};
