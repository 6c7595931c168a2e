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

// Every function works on one thread and gives each row of its output the same bits whatever rows
// stand beside it.
struct Kernels {
  std::string_view name;
  bool (*supported)();  // by this processor and its operating system

  // out[r][n] = x[r] . rows[n] for all rows of x and the `count` <= kBlock pointers, each to x.cols
  // floats.
  void (*dot_block)(ConstMatrix x, const float* const* rows, std::int64_t count, Matrix out);

  // out[r] = sum over j of weights[r][j] * values[j]
  void (*weighted_sum)(ConstMatrix weights, ConstMatrix values, Matrix out);

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
