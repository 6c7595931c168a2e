// Logits of every window of a text: what calibration is fitted on.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/window_logits.h"
#include "valence/classifier.h"

namespace valence {

// What Classifier::classify computes before it applies a function: the same windows, the same
// weights. Of the options, long_text and window_overlap count. One entry a text, in order.
std::vector<WindowLogits> window_logits(const Classifier& classifier,
                                        std::span<const std::string_view> texts,
                                        const ClassifyOptions& options);

}  // namespace valence
