// Four lanes: SSE2 on x86-64, NEON on 64-bit ARM.
#include "backend/cpu/isa/common.h"

namespace valence::cpu::baseline {
namespace {

bool supported() {
  return true;
}

}  // namespace
}  // namespace valence::cpu::baseline

namespace valence::cpu::baseline {
namespace {

constexpr std::string_view kName = "baseline";
constexpr int kLanes = 4;
constexpr int kRowTile = 3;

#include "backend/cpu/isa/kernels.inl"

}  // namespace
}  // namespace valence::cpu::baseline

namespace valence::cpu {

constinit const Kernels kBaselineKernels = baseline::table(&baseline::supported);

}  // namespace valence::cpu
