// How a model's layers are multiplied.
#pragma once

namespace valence {

// Embeddings and heads always keep the values that the file has.
enum class Precision {
  kAuto,  // kInt8 for matrices that the file has as Q8_0, kFp32 for all others
  kInt8,  // weights of 8 bits with a scale an output, activations of 8 bits with a scale a row
  kBf16,  // weights and activations rounded to bfloat16, sums in single precision
  kFp32,
};

}  // namespace valence
