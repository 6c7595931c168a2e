// How a model's layers are multiplied.
#pragma once

namespace valence {

// Embeddings and heads always keep the values that the file has.
enum class Precision {
  kAuto,  // as the file has each matrix: kInt8 for Q8_0, kBf16 for BF16, kFp32 for F16 and F32
  kInt8,  // weights of 8 bits with a scale an output, activations of 8 bits with a scale a row
  kBf16,  // weights and activations rounded to bfloat16, sums in single precision
  kFp32,
};

}  // namespace valence
