#include "backend/amx_model.h"

#include "backend/cpu/isa/common.h"
#include "backend/software_tiles.h"

namespace valence::cpu {
namespace amx_model {
namespace {

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

inline void configure_tiles(const TileShapes& shapes) {
  software_tiles().configure(shapes);
}

inline void release_tiles() {
  software_tiles().release();
}

template <int T>
inline void tile_zero() {
  software_tiles().zero(T);
}

template <int T>
inline void tile_load(const void* from, std::int64_t stride) {
  software_tiles().load(T, from, stride);
}

template <int T>
inline void tile_store(void* to, std::int64_t stride) {
  software_tiles().store(T, to, stride);
}

template <int Sums, int X, int Weights>
inline void tile_dot_bytes() {
  software_tiles().dot_bytes(Sums, X, Weights);
}

template <int Sums, int X, int Weights>
inline void tile_dot_bf16() {
  software_tiles().dot_bf16(Sums, X, Weights);
}

// clang-format off
#include "backend/cpu/isa/tile_products.inl"
#include "backend/cpu/isa/tile_attention.inl"
// clang-format on

}  // namespace
}  // namespace amx_model

constinit const Kernels kAmxModelKernels = amx_model::table(
    &amx_model::supported, amx_model::multiply<amx_model::tiled_panel<amx_model::BytesByTile>>,
    amx_model::multiply<amx_model::tiled_panel<amx_model::Bf16ByTile>>, amx_model::attend_by_tiles);

}  // namespace valence::cpu
