// Sixteen lanes: AVX-512 as every server processor since Skylake and Zen 4 has it.
#include "backend/cpu/isa/common.h"

#if defined(__x86_64__)

namespace valence::cpu::avx512 {
namespace {

bool supported() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0;
}

}  // namespace
}  // namespace valence::cpu::avx512

#if defined(__clang__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
#endif

namespace valence::cpu::avx512 {
namespace {

constexpr std::string_view kName = "avx512";
constexpr int kLanes = 16;
constexpr int kRowTile = 6;

#include "backend/cpu/isa/kernels.inl"

}  // namespace
}  // namespace valence::cpu::avx512

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kAvx512Kernels = avx512::table(&avx512::supported);

}  // namespace valence::cpu

#endif  // __x86_64__
