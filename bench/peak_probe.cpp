#include "peak_probe.h"

#include <chrono>
#include <cstdint>

namespace valence {
namespace {

#if defined(__x86_64__)

// As many independent sums as hide the latency; the registers are named, so that none is spilled.
__attribute__((target("avx512f,avx512vnni"))) void dot_products(std::int64_t rounds) {
  asm volatile(
      "1:\n\t"
      "vpdpbusd %%zmm30, %%zmm31, %%zmm0\n\tvpdpbusd %%zmm30, %%zmm31, %%zmm1\n\t"
      "vpdpbusd %%zmm30, %%zmm31, %%zmm2\n\tvpdpbusd %%zmm30, %%zmm31, %%zmm3\n\t"
      "vpdpbusd %%zmm30, %%zmm31, %%zmm4\n\tvpdpbusd %%zmm30, %%zmm31, %%zmm5\n\t"
      "vpdpbusd %%zmm30, %%zmm31, %%zmm6\n\tvpdpbusd %%zmm30, %%zmm31, %%zmm7\n\t"
      "vpdpbusd %%zmm30, %%zmm31, %%zmm8\n\tvpdpbusd %%zmm30, %%zmm31, %%zmm9\n\t"
      "vpdpbusd %%zmm30, %%zmm31, %%zmm10\n\tvpdpbusd %%zmm30, %%zmm31, %%zmm11\n\t"
      "dec %0\n\t"
      "jnz 1b"
      : "+r"(rounds)
      :
      : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
        "xmm10", "xmm11", "xmm30", "xmm31");
}

constexpr double kOperationsOfARound = 12.0 * 64 * 2;

#endif

}  // namespace

double probe_int8(std::string_view isa, double seconds) {
#if defined(__x86_64__)
  if (isa == "avx512vnni" || isa == "avx512bf16") {
    constexpr std::int64_t kRounds = 100'000;
    const auto start = std::chrono::steady_clock::now();
    std::int64_t rounds = 0;
    double spent = 0;
    do {
      dot_products(kRounds);
      rounds += kRounds;
      spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    } while (spent < seconds);
    return static_cast<double>(rounds) * kOperationsOfARound / spent;
  }
#endif
  static_cast<void>(isa);
  static_cast<void>(seconds);
  return 0;
}

}  // namespace valence
