// The inner loops of the CPU backend: one table of functions an instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "backend/activation.h"
#include "base/matrix.h"

namespace valence::cpu {

// Weights are packed in panels of kPanel outputs, in which kGroupBytes of consecutive inputs of an
// output lie together: [group][kPanel][kGroupBytes]. A group is four bytes, two bfloat16 or one
// float.
inline constexpr std::int64_t kPanel = 64;
inline constexpr std::int64_t kGroupBytes = 4;

// Activations in the form of the weights that they meet: whole groups, rows `stride` bytes apart.
// In int8, row r stands for scales[r] * (byte - zeros[r]); both are null otherwise.
struct PackedRows {
  const std::byte* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t stride = 0;
  const float* scales = nullptr;
  const std::int32_t* zeros = nullptr;

  PackedRows from(std::int64_t begin, std::int64_t count) const {
    return {data + begin * stride, count, stride, scales == nullptr ? nullptr : scales + begin,
            zeros == nullptr ? nullptr : zeros + begin};
  }
};

struct PackedPanel {
  const std::byte* weights = nullptr;
  std::int64_t groups = 0;
  // In int8, by output, kPanel of each: an output's scale, and the sum of its bytes.
  const float* scales = nullptr;
  const std::int32_t* sums = nullptr;
};

// What is added to a product. Either may be null.
struct Addends {
  const float* bias = nullptr;      // by output, as many as are asked for
  const float* residual = nullptr;  // by row and output
  std::int64_t stride = 0;          // of the residual's rows
};

// out[r][n] = x[r] . panel[n] + bias[n] + residual[r][n], for the first out.cols <= kPanel outputs
// of a panel.
using Multiply = void (*)(const PackedRows& x, const PackedPanel& panel, const Addends& addends,
                          Matrix out);

// How a row was quantized: value = scale * (byte - zero).
struct Quantized {
  float scale;
  std::int32_t zero;  // of bytes that are signed or not, as the kernels take them
};

// One head of one sequence: out = softmax(scale * q k^T) v; `out` may be q. `scratch` has
// attention_scratch(keys, size of the head) floats, on a cache line.
using Attend = void (*)(ConstMatrix q, ConstMatrix k, ConstMatrix v, float scale, float* scratch,
                        Matrix out);

std::int64_t attention_scratch(std::int64_t keys, std::int64_t size);

// Every function works on one thread and gives each row of its output the same bits whatever rows
// stand beside it.
struct Kernels {
  std::string_view name;
  bool (*supported)();  // by this processor and its operating system

  // Products in int8 are exact integers until they are scaled: every table gives the same. Those of
  // floats are sums in single precision, those of bfloat16 products of rounded factors, summed in
  // single precision.
  Multiply multiply_int8;
  Multiply multiply_bf16;
  Multiply multiply_f32;

  // Whether multiply_int8 takes the bytes of activations as signed; else as unsigned.
  bool signed_bytes;

  // out[i] = x[i] / scale + zero, rounded half to even; the scale is the range of x and 0, divided
  // by 255. Where `shares` are given, the range is that of x[i] * shares[i], and a byte that cannot
  // hold its value has any.
  Quantized (*quantize)(std::span<const float> x, const float* shares, std::byte* out);
  // The same without a zero, for weights: out[i] = x[i] / scale within [-127, 127]; returns the
  // scale, the largest magnitude / 127.
  float (*quantize_weights)(std::span<const float> x, std::byte* out);
  // The nearest bfloat16, ties to even.
  void (*round_bf16)(std::span<const float> x, std::byte* out);

  // In single precision, and with queries, keys, weights and values rounded to bfloat16.
  Attend attend;
  Attend attend_bf16;
  // From so many keys on attend_bf16 is the faster one.
  std::int64_t bf16_keys;

  // Decoders of consecutive elements into floats; the count of decode_q8 is a multiple of 32.
  void (*decode_f16)(const std::byte* data, std::span<float> out);
  void (*decode_bf16)(const std::byte* data, std::span<float> out);
  void (*decode_q8)(const std::byte* data, std::span<float> out);

  // In place. Errors against exact arithmetic: 4e-7 * max(1, |x|) for activations.
  void (*activate)(Activation activation, std::span<float> x);
  // The same for what will be rounded to bytes: 1.3e-4 * max(1, |x|), a hundredth of their steps.
  void (*activate_coarsely)(Activation activation, std::span<float> x);
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
