// The types of weights that a GGUF file can be written with, as options spell them.
#pragma once

#include <map>
#include <string>

#include "base/tensor.h"

namespace valence::cli {

inline const std::map<std::string, DType> kWeightTypes{
    {"f32", DType::kF32}, {"f16", DType::kF16}, {"bf16", DType::kBF16}, {"q8_0", DType::kQ8_0}};

}  // namespace valence::cli
