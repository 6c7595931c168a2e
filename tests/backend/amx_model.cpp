#include "backend/amx_model.h"

#include <array>
#include <stdexcept>

#include "backend/cpu/isa/common.h"

namespace valence::cpu {
namespace amx_model {
namespace {

// ---- The processor's tiles, as Intel's manual describes them --------------------------------

struct Tile {
  std::int64_t rows = 0, bytes = 0;  // none: not configured
  std::byte data[16][64] = {};
};

thread_local std::array<Tile, 8> registers;
thread_local bool in_use = false;

void require(bool allowed, const char* what) {
  if (!allowed) throw std::logic_error(what);
}

void configure_tiles(const TileShapes& shapes) {
  require(shapes.palette == 1 && shapes.start_row == 0, "palette");
  for (int t = 0; t < 16; ++t) {
    const bool both = (shapes.rows[t] == 0) == (shapes.bytes[t] == 0);
    require(both && shapes.rows[t] <= 16 && shapes.bytes[t] <= 64, "shape");
    require(t < 8 || shapes.rows[t] == 0, "number of tiles");
    if (t < 8) registers[t] = Tile{shapes.rows[t], shapes.bytes[t]};
  }
  in_use = true;
}

void release_tiles() {
  registers = {};
  in_use = false;
}

template <int T>
Tile& configured() {
  require(in_use && registers[T].rows > 0, "a tile that is not configured");
  return registers[T];
}

template <int T>
void tile_zero() {
  Tile& tile = configured<T>();
  tile = Tile{tile.rows, tile.bytes};
}

template <int T>
void tile_load(const void* from, std::int64_t stride) {
  tile_zero<T>();
  for (std::int64_t r = 0; r < registers[T].rows; ++r)
    __builtin_memcpy(registers[T].data[r], static_cast<const std::byte*>(from) + r * stride,
                     static_cast<std::size_t>(registers[T].bytes));
}

template <int T>
void tile_store(void* to, std::int64_t stride) {
  const Tile& tile = configured<T>();
  for (std::int64_t r = 0; r < tile.rows; ++r)
    __builtin_memcpy(static_cast<std::byte*>(to) + r * stride, tile.data[r],
                     static_cast<std::size_t>(tile.bytes));
}

template <typename T>
T at(const Tile& tile, std::int64_t row, std::int64_t index) {
  T value;
  __builtin_memcpy(&value, tile.data[row] + index * static_cast<std::int64_t>(sizeof value),
                   sizeof value);
  return value;
}

// sums[r][n] = add(sums[r][n], row r of x, output n of weights), where the shapes fit.
template <typename Sum, int Sums, int X, int Weights, typename Add>
void dot(Add add) {
  Tile& sums = configured<Sums>();
  const Tile& x = configured<X>();
  const Tile& weights = configured<Weights>();
  require(sums.rows == x.rows && sums.bytes == weights.bytes && x.bytes == 4 * weights.rows,
          "shapes of factors");
  for (std::int64_t r = 0; r < sums.rows; ++r)
    for (std::int64_t n = 0; n < sums.bytes / 4; ++n) {
      const Sum sum = add(at<Sum>(sums, r, n), r, n);
      __builtin_memcpy(sums.data[r] + 4 * n, &sum, sizeof sum);
    }
}

template <int Sums, int X, int Weights>
void tile_dot_bytes() {
  dot<std::int32_t, Sums, X, Weights>([](std::int32_t sum, std::int64_t r, std::int64_t n) {
    for (std::int64_t k = 0; k < registers[X].bytes; ++k)
      sum += at<std::uint8_t>(registers[X], r, k) *
             at<std::int8_t>(registers[Weights], k / 4, 4 * n + k % 4);
    return sum;
  });
}

// The sums of even and of odd factors are added at the end. Subnormal numbers, which the processor
// takes for zeros, do not occur in the tests.
template <int Sums, int X, int Weights>
void tile_dot_bf16() {
  dot<float, Sums, X, Weights>([](float sum, std::int64_t r, std::int64_t n) {
    float parts[2] = {};
    for (std::int64_t k = 0; k < registers[X].bytes / 2; ++k)
      parts[k % 2] = std::fma(
          bf16_to_float(at<std::uint16_t>(registers[X], r, k)),
          bf16_to_float(at<std::uint16_t>(registers[Weights], k / 2, 2 * n + k % 2)), parts[k % 2]);
    return sum + (parts[0] + parts[1]);
  });
}

// ---- The table ------------------------------------------------------------------------------

bool supported() {
  return true;
}

constexpr std::string_view kName = "amx-model";
constexpr int kLanes = 4;
constexpr bool kSignedBytes = false;
constexpr bool kHasBf16 = false;
constexpr TileShape kInt8Tile{2, 2};
constexpr TileShape kBf16Tile{2, 2};
constexpr TileShape kF32Tile{2, 2};

#include "backend/cpu/isa/vectors.inl"

inline Ints dot_bytes(Ints sums, Ints x, Ints weights) {
  for (int shift = 24; shift >= 0; shift -= 8)
    sums += ((x << shift) >> 24 & 255) * ((weights << shift) >> 24);
  return sums;
}

#include "backend/cpu/isa/generic_dots.inl"
#include "backend/cpu/isa/kernels.inl"
#include "backend/cpu/isa/tile_products.inl"

}  // namespace
}  // namespace amx_model

constinit const Kernels kAmxModelKernels = amx_model::table(
    &amx_model::supported, amx_model::multiply<amx_model::tiled_panel<amx_model::BytesByTile>>,
    amx_model::multiply<amx_model::tiled_panel<amx_model::Bf16ByTile>>);

bool amx_model_is_released() {
  return !amx_model::in_use;
}

}  // namespace valence::cpu
