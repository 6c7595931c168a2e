// A pass in which each thread takes some of the tokens, or of the sequences in the head.
#pragma once

#include "model/post_norm_pass.h"

namespace valence::post_norm {

// Every member of the team calls it; `out` has a row for each sequence.
void forward_by_rows(const Model& model, const Pass& pass, Matrix out);

}  // namespace valence::post_norm
