// What a model says of a text before any of it becomes a score.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace valence {

struct WindowLogits {
  std::vector<float> logits;    // a row of all classes for each window
  std::vector<double> weights;  // of the windows when their scores are averaged
  std::size_t tokens = 0;       // of the whole text, the special tokens of one window included
  std::string error;            // not empty: why there are none
};

}  // namespace valence
