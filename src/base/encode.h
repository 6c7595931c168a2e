// Floats as the elements of a tensor: the way back of base/decode.h.
#pragma once

#include <cstddef>
#include <span>

#include "base/tensor.h"

namespace valence {

// `out` takes exactly bytes_of(type, values.size()) bytes; for Q8_0 the number of values is a
// multiple of 32. F16 and BF16 round to nearest even. Q8_0 is ggml's reference form: the scale is
// the block's largest magnitude / 127, and quotients round half away from zero. Throws
// Error(kInvalidArgument) where a value is not finite and `type` is Q8_0.
void encode_elements(DType type, std::span<const float> values, std::span<std::byte> out);

// Q8_0 with one scale for all blocks, which F16 must hold exactly: quotients round half away from
// zero, to [-127, 127].
void encode_q8_with_scale(std::span<const float> values, float scale, std::span<std::byte> out);

}  // namespace valence
