// Elements of a tensor as floats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"

namespace valence {

// Decodes elements [begin, begin + out.size()) of a tensor; for Q8_0 both ends lie on multiples
// of 32. The plain form of every faster decoder.
void decode_elements(const Tensor& tensor, std::int64_t begin, std::span<float> out);

std::vector<float> decode_all(const Tensor& tensor);

}  // namespace valence
