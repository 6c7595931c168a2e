// Eight lanes: AVX2 with fused multiply-add.
#include "backend/cpu/isa/common.h"

#if defined(__x86_64__)

namespace valence::cpu::avx2 {
namespace {

bool supported() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}

}  // namespace
}  // namespace valence::cpu::avx2

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

namespace valence::cpu::avx2 {
namespace {

constexpr std::string_view kName = "avx2";
constexpr int kLanes = 8;
constexpr int kRowTile = 3;

#include "backend/cpu/isa/kernels.inl"

}  // namespace
}  // namespace valence::cpu::avx2

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kAvx2Kernels = avx2::table(&avx2::supported);

}  // namespace valence::cpu

#endif  // __x86_64__
