// What can be said about a loaded model.
#pragma once

#include "engine/scores.h"
#include "format/model_file.h"
#include "model/architecture.h"
#include "text/tokenizer.h"
#include "valence/classifier.h"

namespace valence {

// The longest input that model and tokenizer both allow, special tokens included. Throws
// Error(kCorrupt) where tokenizer and network do not belong together: special tokens or types that
// the network has no embedding for, or a window with no room for text.
std::size_t usable_window(const ModelFile& file, const Network& network,
                          const Tokenizer& tokenizer);

ModelInfo describe_model(const ModelFile& file, const Architecture& architecture,
                         const Weights& weights, const Network& network, const LabelSet& labels,
                         const Tokenizer& tokenizer);

}  // namespace valence
