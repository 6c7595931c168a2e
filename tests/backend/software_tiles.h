// Tiles of AMX in software, as Intel's manual describes them; one set a thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "backend/cpu/isa/common.h"

namespace valence::cpu {

// What the processor would refuse throws std::logic_error.
class SoftwareTiles {
 public:
  void configure(const TileShapes& shapes);
  void release();
  bool in_use() const { return in_use_; }

  void zero(int tile);
  void load(int tile, const void* from, std::int64_t stride);
  void store(int tile, void* to, std::int64_t stride);
  // sums += x . weights: of unsigned by signed bytes, and of bfloat16. Subnormal numbers, which the
  // processor takes for zeros, must not occur.
  void dot_bytes(int sums, int x, int weights);
  void dot_bf16(int sums, int x, int weights);

 private:
  struct Tile {
    std::int64_t rows = 0, bytes = 0;  // none: not configured
    std::byte data[16][64] = {};
  };

  Tile& configured(int tile);
  template <typename Sum, typename Add>
  void dot(int sums, int x, int weights, Add add);

  std::array<Tile, 8> tiles_;
  bool in_use_ = false;
};

SoftwareTiles& software_tiles();

}  // namespace valence::cpu
