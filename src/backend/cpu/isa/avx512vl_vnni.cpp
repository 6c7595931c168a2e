// Eight lanes: AVX-512's VNNI on half of its width, for processors that lower their clock where all
// of it is used. To be asked for by name.
#include "backend/cpu/isa/common.h"

#if defined(__x86_64__)

namespace valence::cpu::avx512vl_vnni {
namespace {

bool supported() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
         __builtin_cpu_supports("avx512vnni") != 0 && __builtin_cpu_supports("avx2") != 0 &&
         __builtin_cpu_supports("fma") != 0;
}

}  // namespace
}  // namespace valence::cpu::avx512vl_vnni

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512vnni,avx2,fma"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512vnni,avx2,fma,prefer-vector-width=256")
#endif

namespace valence::cpu::avx512vl_vnni {
namespace {

constexpr std::string_view kName = "avx512vl-vnni";
constexpr bool kVex = false;

#include "backend/cpu/isa/vnni256.inl"

}  // namespace
}  // namespace valence::cpu::avx512vl_vnni

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kAvx512VlVnniKernels = avx512vl_vnni::table(&avx512vl_vnni::supported);

}  // namespace valence::cpu

#endif  // __x86_64__
