// The encoder that BERT and its relatives share (Vaswani et al. 2017, normalised after each
// residual): embeddings, layers, and a head that reads the first token.
#pragma once

#include <memory>

#include "backend/backend.h"
#include "base/json.h"
#include "model/network.h"
#include "model/post_norm_config.h"
#include "model/weights.h"

namespace valence {

// Throws Error(kCorrupt) where config and tensors contradict each other.
std::unique_ptr<Network> load_post_norm_encoder(const PostNormConfig& config,
                                                const Weights& weights, const Backend& backend);

// What an Architecture's `load` is where nothing but its config differs.
template <PostNormConfig (*read)(const JsonRef&)>
std::unique_ptr<Network> load_with(const JsonRef& config, const Weights& weights,
                                   const Backend& backend) {
  return load_post_norm_encoder(read(config), weights, backend);
}

}  // namespace valence
