// The kernels, written once over vectors of kLanes floats. Each instruction set's file includes
// this inside its own namespace and target region, behind vectors.inl, having defined
//   kName, kLanes
//   kInt8Tile, kBf16Tile, kF32Tile   shapes of tiles of sums that fit its registers
//   kSignedBytes                     whether dot_bytes takes the bytes of activations as signed
//   kHasBf16                         whether dot_bf16 is an instruction
//   dot_bytes, dot_bf16, multiply_add
// Nothing here may be called from outside that region. Vector types are the compilers' own (GCC and
// Clang agree on them), so that no other intrinsic is needed.

// Each builds on those before it.
// clang-format off
#include "backend/cpu/isa/decode.inl"
#include "backend/cpu/isa/products.inl"
#include "backend/cpu/isa/elementwise.inl"
#include "backend/cpu/isa/quantize.inl"
#include "backend/cpu/isa/attention.inl"
// clang-format on

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

constexpr Kernels table(bool (*supported_by_machine)(),
                        Multiply multiply_int8 = multiply<whole_panel<Int8Dot>>,
                        Multiply multiply_bf16 = multiply<whole_panel<Bf16Dot>>,
                        Attend attend_bf16 = attend<Bf16Groups>,
                        std::int64_t bf16_keys = kHasBf16 ? 16 : kNever) {
  return {kName,
          supported_by_machine,
          multiply_int8,
          multiply_bf16,
          multiply<whole_panel<F32Dot>>,
          kSignedBytes,
          quantize,
          quantize_weights,
          round_bf16,
          attend<F32Groups>,
          attend_bf16,
          bf16_keys,
          decode_f16,
          decode_bf16,
          decode_q8,
          activate,
          activate_coarsely,
          layer_norm};
}
