// Products of bytes and of bfloat16 by tiles (AMX: Sapphire Rapids and later); all else as in
// avx512bf16.cpp. Where the processor has no tiles, the tests run it with each of their
// instructions trapped and carried out in software.
#include "backend/cpu/isa/common.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace valence::cpu::amx {
namespace {

// Linux gives a process the tiles' registers when it is asked for them, and not before.
bool supported() {
  if (!kAvx512Bf16Kernels.supported()) return false;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned kBf16 = 1U << 22, kTile = 1U << 24, kInt8 = 1U << 25;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0 || (edx & kBf16) == 0 ||
      (edx & kTile) == 0 || (edx & kInt8) == 0)
    return false;
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace
}  // namespace valence::cpu::amx

#if defined(__clang__)
#pragma clang attribute push(                                                                  \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,avx2,fma," \
                          "amx-tile,amx-int8,amx-bf16"))),                                     \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,avx2,fma")
#pragma GCC target("amx-tile,amx-int8,amx-bf16")
#endif

namespace valence::cpu::amx {
namespace {

constexpr std::string_view kName = "amx";

#include "backend/cpu/isa/avx512bf16.inl"

inline void configure_tiles(const TileShapes& shapes) {
  asm volatile("ldtilecfg %0" : : "m"(shapes));
}

inline void release_tiles() {
  asm volatile("tilerelease");
}

template <int T>
inline void tile_zero() {
  asm volatile("tilezero %%tmm%c0" : : "i"(T));
}

template <int T>
inline void tile_load(const void* from, std::int64_t stride) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(stride), "i"(T) : "memory");
}

template <int T>
inline void tile_store(void* to, std::int64_t stride) {
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(to), "r"(stride), "i"(T) : "memory");
}

template <int Sums, int X, int Weights>
inline void tile_dot_bytes() {
  asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(Sums), "i"(X), "i"(Weights));
}

template <int Sums, int X, int Weights>
inline void tile_dot_bf16() {
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(Sums), "i"(X), "i"(Weights));
}

// clang-format off
#include "backend/cpu/isa/tile_products.inl"
#include "backend/cpu/isa/tile_attention.inl"
// clang-format on

}  // namespace
}  // namespace valence::cpu::amx

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kAmxKernels =
    amx::table(&amx::supported, amx::multiply<amx::tiled_panel<amx::BytesByTile>>,
               amx::multiply<amx::tiled_panel<amx::Bf16ByTile>>, amx::attend_by_tiles, 48);

}  // namespace valence::cpu

#endif  // __x86_64__
