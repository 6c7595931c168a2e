#include "backend/software_tiles.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "base/half.h"

namespace valence::cpu {
namespace {

void require(bool allowed, const char* what) {
  if (!allowed) throw std::logic_error(what);
}

template <typename T>
T element(const std::byte* row, std::int64_t index) {
  T value;
  std::memcpy(&value, row + index * static_cast<std::int64_t>(sizeof value), sizeof value);
  return value;
}

}  // namespace

void SoftwareTiles::configure(const TileShapes& shapes) {
  require(shapes.palette == 1 && shapes.start_row == 0, "AMX: another palette");
  for (int t = 0; t < 16; ++t) {
    const bool both = (shapes.rows[t] == 0) == (shapes.bytes[t] == 0);
    require(both && shapes.rows[t] <= 16 && shapes.bytes[t] <= 64, "AMX: a tile's shape");
    require(t < 8 || shapes.rows[t] == 0, "AMX: more than eight tiles");
    if (t < 8) tiles_[t] = Tile{shapes.rows[t], shapes.bytes[t]};
  }
  in_use_ = true;
}

void SoftwareTiles::release() {
  tiles_ = {};
  in_use_ = false;
}

SoftwareTiles::Tile& SoftwareTiles::configured(int tile) {
  require(in_use_ && tiles_[tile].rows > 0, "AMX: a tile that is not configured");
  return tiles_[tile];
}

void SoftwareTiles::zero(int tile) {
  Tile& cleared = configured(tile);
  cleared = Tile{cleared.rows, cleared.bytes};
}

void SoftwareTiles::load(int tile, const void* from, std::int64_t stride) {
  zero(tile);
  Tile& to = tiles_[tile];
  for (std::int64_t r = 0; r < to.rows; ++r)
    std::memcpy(to.data[r], static_cast<const std::byte*>(from) + r * stride,
                static_cast<std::size_t>(to.bytes));
}

void SoftwareTiles::store(int tile, void* to, std::int64_t stride) {
  const Tile& from = configured(tile);
  for (std::int64_t r = 0; r < from.rows; ++r)
    std::memcpy(static_cast<std::byte*>(to) + r * stride, from.data[r],
                static_cast<std::size_t>(from.bytes));
}

template <typename Sum, typename Add>
void SoftwareTiles::dot(int sums, int x, int weights, Add add) {
  Tile& to = configured(sums);
  const Tile& left = configured(x);
  const Tile& right = configured(weights);
  require(sums != x && sums != weights && x != weights, "AMX: a tile named twice");
  require(to.rows == left.rows && to.bytes == right.bytes && left.bytes == 4 * right.rows,
          "AMX: shapes that do not fit");
  for (std::int64_t r = 0; r < to.rows; ++r)
    for (std::int64_t n = 0; n < to.bytes / 4; ++n) {
      const Sum sum = add(element<Sum>(to.data[r], n), left, right, r, n);
      std::memcpy(to.data[r] + 4 * n, &sum, sizeof sum);
    }
}

void SoftwareTiles::dot_bytes(int sums, int x, int weights) {
  dot<std::int32_t>(
      sums, x, weights,
      [](std::int32_t sum, const Tile& left, const Tile& right, std::int64_t r, std::int64_t n) {
        for (std::int64_t k = 0; k < left.bytes; ++k)
          sum += element<std::uint8_t>(left.data[r], k) *
                 element<std::int8_t>(right.data[k / 4], 4 * n + k % 4);
        return sum;
      });
}

// The products of even and of odd factors are summed apart.
void SoftwareTiles::dot_bf16(int sums, int x, int weights) {
  dot<float>(sums, x, weights,
             [](float sum, const Tile& left, const Tile& right, std::int64_t r, std::int64_t n) {
               float parts[2] = {};
               for (std::int64_t k = 0; k < left.bytes / 2; ++k)
                 parts[k % 2] = std::fma(
                     bf16_to_float(element<std::uint16_t>(left.data[r], k)),
                     bf16_to_float(element<std::uint16_t>(right.data[k / 2], 2 * n + k % 2)),
                     parts[k % 2]);
               return sum + (parts[0] + parts[1]);
             });
}

SoftwareTiles& software_tiles() {
  thread_local SoftwareTiles tiles;
  return tiles;
}

}  // namespace valence::cpu
