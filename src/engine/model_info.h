// What can be said about a loaded model.
#pragma once

#include "engine/scores.h"
#include "format/model_file.h"
#include "model/architecture.h"
#include "text/tokenizer.h"
#include "valence/classifier.h"

namespace valence {

// The window is the longest input that model and tokenizer both allow, special tokens included.
// Throws Error(kCorrupt) where the two do not belong together: special tokens or types that the
// network has no embedding for, or a window with no room for text.
ModelInfo describe_model(const ModelFile& file, const Architecture& architecture,
                         const Weights& weights, const Network& network, const LabelSet& labels,
                         const Tokenizer& tokenizer);

}  // namespace valence
