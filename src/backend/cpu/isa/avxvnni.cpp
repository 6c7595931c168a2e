// Eight lanes: AVX2 with VNNI in the VEX encoding, for processors without AVX-512 (Alder Lake and
// later clients, Sierra Forest; Zen 5 has it too). No such processor has run this yet: the tests
// run it with that one instruction trapped and carried out in software, and the same code in
// avx512vl_vnni.cpp for real.
#include "backend/cpu/isa/common.h"

#if defined(__x86_64__)

#include <cpuid.h>

namespace valence::cpu::avxvnni {
namespace {

bool supported() {
  if (__builtin_cpu_supports("avx2") == 0 || __builtin_cpu_supports("fma") == 0) return false;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned kAvxVnni = 1U << 4;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & kAvxVnni) != 0;
}

}  // namespace
}  // namespace valence::cpu::avxvnni

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,avxvnni")
#endif

namespace valence::cpu::avxvnni {
namespace {

constexpr std::string_view kName = "avxvnni";
constexpr bool kVex = true;

#include "backend/cpu/isa/vnni256.inl"

}  // namespace
}  // namespace valence::cpu::avxvnni

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace valence::cpu {

constinit const Kernels kAvxVnniKernels = avxvnni::table(&avxvnni::supported);

}  // namespace valence::cpu

#endif  // __x86_64__
