// Outlier channels: inputs of a layer's products whose values are far larger than those beside
// them.
//
// Products in int8 give the 256 steps of a row's range to all its inputs, so that a few large ones
// leave the others little. Such an input is therefore divided among several columns of the same
// weights, which changes no product: R. Zhao et al., "Improving Neural Network Quantization without
// Retraining using Outlier Channel Splitting", 2019.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/architecture.h"

namespace valence {

// Tensor::outliers of the matrices that have some, by our names; at most one copy for 96 inputs.
// They are found by running the model over made-up texts, because the channels are the same
// whatever the text: no data is needed. The same file gives the same outliers. Throws what loading
// the model throws.
std::map<std::string, std::vector<std::int32_t>> find_outliers(const Architecture& architecture,
                                                               const ModelFile& file,
                                                               const Weights& weights);

// Which of `magnitudes`, the usual size of each input, to divide: an input stands there as often as
// it is to be copied, `copies` in all. Empty where that would not lower the largest much.
std::vector<std::int32_t> choose_outliers(const std::vector<float>& magnitudes, std::size_t copies);

}  // namespace valence
