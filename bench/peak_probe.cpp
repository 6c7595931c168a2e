#include "peak_probe.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace valence {
namespace {

struct Probe {
  void (*run)(std::int64_t rounds) = nullptr;
  double products = 0;  // of a round
};

#if defined(__x86_64__)

// A function that goes `rounds` times through twelve sums, or six where each needs another
// register: more than hide the latency. The registers are named, so that none is spilled.
#define VALENCE_PROBE(name, isa, body)                                                           \
  __attribute__((target(isa))) void name(std::int64_t rounds) {                                  \
    asm volatile("vzeroall\n1:\n\t" body "dec %0\n\tjnz 1b"                                      \
                 : "+r"(rounds)                                                                  \
                 :                                                                               \
                 : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", \
                   "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");                \
  }

#define VALENCE_DOTS(instruction, vector)                                                       \
  ".irp sum, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\n\t" instruction " %%" vector "14, %%" vector \
  "15, %%" vector "\\sum\n\t.endr\n\t"

// Bytes without VNNI: products of pairs, pairs of those, and their sum.
#define VALENCE_PAIRS(vector)                           \
  ".irp i, 0, 1, 2, 3, 4, 5\n\t"                        \
  "vpmaddubsw %%" vector "8, %%" vector "9, %%" vector  \
  "1\\i\n\t"                                            \
  "vpmaddwd %%" vector "8, %%" vector "1\\i, %%" vector \
  "1\\i\n\t"                                            \
  "vpaddd %%" vector "1\\i, %%" vector "\\i, %%" vector "\\i\n\t.endr\n\t"

VALENCE_PROBE(floats_512, "avx512f", VALENCE_DOTS("vfmadd231ps", "zmm"))
VALENCE_PROBE(floats_256, "avx2,fma", VALENCE_DOTS("vfmadd231ps", "ymm"))
VALENCE_PROBE(halves_512, "avx512bf16", VALENCE_DOTS("vdpbf16ps", "zmm"))
VALENCE_PROBE(bytes_512, "avx512vnni", VALENCE_DOTS("vpdpbusd", "zmm"))
VALENCE_PROBE(bytes_256, "avx512vnni,avx512vl", VALENCE_DOTS("vpdpbusd", "ymm"))
VALENCE_PROBE(vex_bytes_256, "avxvnni", VALENCE_DOTS("%{vex%} vpdpbusd", "ymm"))
VALENCE_PROBE(pairs_512, "avx512bw", VALENCE_PAIRS("zmm"))
VALENCE_PROBE(pairs_256, "avx2", VALENCE_PAIRS("ymm"))

// Six tiles of sums, each of 16 rows and columns and steps of 64 bytes.
struct alignas(64) FullTiles {
  std::uint8_t palette = 1;
  std::uint8_t reserved[15] = {};
  std::uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

#define VALENCE_TILE_PROBE(name, instruction)        \
  void name(std::int64_t rounds) {                   \
    const FullTiles shapes;                          \
    asm volatile(                                    \
        "ldtilecfg %1\n1:\n\t"                       \
        ".irp sum, 0, 1, 2, 3, 4, 5\n\t" instruction \
        " %%tmm7, %%tmm6, %%tmm\\sum\n\t.endr\n\t"   \
        "dec %0\n\tjnz 1b\n\ttilerelease"            \
        : "+r"(rounds)                               \
        : "m"(shapes)                                \
        : "cc");                                     \
  }

VALENCE_TILE_PROBE(tiles_of_bytes, "tdpbusd")
VALENCE_TILE_PROBE(tiles_of_halves, "tdpbf16ps")
constexpr double kTileProducts = 6 * 16 * 16 * 64;

// Where a table has no products of bfloat16, it multiplies them as floats.
Probe find(cpu::Format format, std::string_view isa) {
  if (isa == "amx" && format == cpu::Format::kInt8) return {tiles_of_bytes, kTileProducts};
  if (isa == "amx" && format == cpu::Format::kBf16) return {tiles_of_halves, kTileProducts / 2};
  const bool wide = isa == "amx" || isa == "avx512" || isa == "avx512vnni" || isa == "avx512bf16";
  if (!wide && isa != "avx2" && isa != "avxvnni" && isa != "avx512vl-vnni") return {};
  if (format == cpu::Format::kInt8) {
    if (isa == "avx512") return {pairs_512, 6 * 64};
    if (isa == "avx2") return {pairs_256, 6 * 32};
    if (isa == "avxvnni") return {vex_bytes_256, 12 * 32};
    return wide ? Probe{bytes_512, 12 * 64} : Probe{bytes_256, 12 * 32};
  }
  if (format == cpu::Format::kBf16 && isa == "avx512bf16") return {halves_512, 12 * 32};
  return wide ? Probe{floats_512, 12 * 16} : Probe{floats_256, 12 * 8};
}

#else

Probe find(cpu::Format /*format*/, std::string_view /*isa*/) {
  return {};
}

#endif

}  // namespace

double probe_peak(cpu::Format format, std::string_view isa, double seconds) {
  const Probe probe = find(format, isa);
  if (probe.run == nullptr) return 0;
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t kRounds = 50'000;  // so short that most are not interrupted
  double best = 0;
  for (const auto end = Clock::now() + std::chrono::duration<double>(seconds);
       Clock::now() < end;) {
    const auto start = Clock::now();
    probe.run(kRounds);
    best = std::max(best, 1 / std::chrono::duration<double>(Clock::now() - start).count());
  }
  return 2 * best * static_cast<double>(kRounds) * probe.products;
}

}  // namespace valence
