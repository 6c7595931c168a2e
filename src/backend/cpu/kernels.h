// The inner loops of the CPU backend: one table of functions an instruction set.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "backend/activation.h"
#include "base/matrix.h"

namespace valence::cpu {

// Weight rows that one call of `dot_block` multiplies.
inline constexpr std::int64_t kBlock = 4;

// Packed weights of 8 bits: panels of kPanel outputs, in which kGroup consecutive inputs of an
// output lie together: [group][kPanel][kGroup].
inline constexpr std::int64_t kPanel = 64;
inline constexpr std::int64_t kGroup = 4;

// Quantized activations: row r stands for scales[r] * (byte - Kernels::activation_zero). Rows are
// whole groups, `stride` bytes apart.
struct Int8Rows {
  const std::uint8_t* data;
  std::int64_t rows;
  std::int64_t stride;
  const float* scales;
};

struct Int8Panel {
  const std::int8_t* weights;  // `groups` groups
  std::int64_t groups;
  const float* scales;              // by output, kPanel of them
  const std::int32_t* corrections;  // what activation_zero adds to the sums, kPanel of them
  const float* bias;                // by output, as many as are asked for; may be null
};

// Floats that `attend` needs as scratch memory, on a cache line.
std::int64_t attention_scratch(std::int64_t keys, std::int64_t size);

// Every function works on one thread and gives each row of its output the same bits whatever rows
// stand beside it.
struct Kernels {
  std::string_view name;
  bool (*supported)();  // by this processor and its operating system

  // out[r][n] = x[r] . rows[n] for all rows of x and the `count` <= kBlock pointers, each to x.cols
  // floats.
  void (*dot_block)(ConstMatrix x, const float* const* rows, std::int64_t count, Matrix out);

  // One head of one sequence: out = softmax(scale * q k^T) v. `scratch` has attention_scratch(keys,
  // size of the head) floats.
  void (*attend)(ConstMatrix q, ConstMatrix k, ConstMatrix v, float scale, float* scratch,
                 Matrix out);

  // The activation that stands for 0 in Int8Rows: 128 where the instructions take the bytes of
  // activations as unsigned, 0 where as signed.
  std::uint8_t activation_zero;

  // out[i] = zero + x[i] / scale, rounded half to even, as bytes modulo 256; returns the scale, the
  // largest magnitude / 127. The bytes without the zero are within [-127, 127].
  float (*quantize)(std::span<const float> x, std::uint8_t zero, std::uint8_t* out);

  // out[r][n] = x.scales[r] * panel.scales[n] * (exact integer sum) + bias[n], for the first
  // out.cols <= kPanel outputs of a panel.
  void (*multiply_int8)(const Int8Rows& x, const Int8Panel& panel, Matrix out);

  // Decoders of consecutive elements into floats; the count of decode_q8 is a multiple of 32.
  void (*decode_f16)(const std::byte* data, std::span<float> out);
  void (*decode_bf16)(const std::byte* data, std::span<float> out);
  void (*decode_q8)(const std::byte* data, std::span<float> out);

  // In place. Errors against exact arithmetic: activations 4e-7 * max(1, |x|), softmax 1e-6.
  void (*activate)(Activation activation, std::span<float> x);
  void (*softmax)(float scale, std::span<float> x);
  void (*layer_norm)(std::span<float> x, const float* weight, const float* bias, float epsilon);
};

// All tables of this build, best first.
std::span<const Kernels* const> all_kernels();

// The first supported table, or the one that the environment variable VALENCE_ISA names. Throws
// Error(kInvalidArgument) for a name that is unknown or that this processor cannot run.
const Kernels& choose_kernels();

// The same choice for a given name; empty means the first supported one.
const Kernels& kernels_by_name(std::string_view name);

}  // namespace valence::cpu
