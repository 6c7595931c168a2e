// A pass of a lone sequence in which each thread takes some of the outputs of every row (tensor
// parallelism): for few rows, where the time goes by reading weights.
#pragma once

#include "model/post_norm_pass.h"

namespace valence::post_norm {

// All of the pass. Every member of the team calls it; `out` is one row.
void forward_by_outputs(const Model& model, const Pass& pass, Matrix out);

// The end of a pass, whichever way it was shared so far: from the last layer's keys and values, in
// `qkv`, to the logits. `x` is the layer's input. Threads have met since they wrote the two.
void finish_by_outputs(const Model& model, const Pass& pass, ConstMatrix x, Matrix qkv, Matrix out);

}  // namespace valence::post_norm
