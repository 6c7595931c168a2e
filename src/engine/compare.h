// Two models over the same texts: how a converted or quantized file is accepted or refused.
#pragma once

#include <span>
#include <string_view>

#include "valence/classifier.h"

namespace valence {

struct Comparison {
  std::size_t texts = 0;
  double largest_logit_difference = 0;
  std::size_t same_label = 0;  // texts with the same best label
};

// Long texts are cut to the first window. Throws Error(kInvalidArgument) where the two do not have
// the same labels.
Comparison compare_models(const Classifier& first, const Classifier& second,
                          std::span<const std::string_view> texts);

// Short texts of many kinds (languages, emoji, digits, lengths), written for such checks.
std::span<const std::string_view> sample_texts();

}  // namespace valence
