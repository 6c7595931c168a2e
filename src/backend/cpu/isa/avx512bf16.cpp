// Sixteen lanes: AVX-512 with VNNI and products of bfloat16 in one instruction (Zen 4; on Intel's
// processors, from Cooper Lake on, to be asked for by name).
#include "backend/cpu/isa/common.h"

#if defined(__x86_64__)

namespace valence::cpu::avx512bf16 {
namespace {

bool supported() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vnni") != 0 && __builtin_cpu_supports("avx512bf16") != 0;
}

}  // namespace
}  // namespace valence::cpu::avx512bf16

#if defined(__clang__)
#pragma clang attribute push(                                                                     \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,avx2,fma"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,avx2,fma")
#endif

namespace valence::cpu::avx512bf16 {
namespace {

constexpr std::string_view kName = "avx512bf16";

#include "backend/cpu/isa/avx512bf16.inl"

}  // namespace
}  // namespace valence::cpu::avx512bf16

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kAvx512Bf16Kernels = avx512bf16::table(&avx512bf16::supported);

}  // namespace valence::cpu

#endif  // __x86_64__
