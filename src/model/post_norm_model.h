// A model of BERT's kind once it is loaded: its config, and its weights as the backend keeps them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "backend/backend.h"
#include "model/post_norm_config.h"
#include "model/weights.h"

namespace valence::post_norm {

struct Layer {
  Linear query, key, value, attention_output;
  LayerNorm attention_norm;
  Linear up, down;
  LayerNorm output_norm;
};

struct Model {
  PostNormConfig config;
  const Backend& backend;
  std::int64_t position_offset = 0;  // Weights::position_offset

  Embeddings tables = {};
  LayerNorm embedding_norm = {};
  // NOLINTBEGIN(readability-redundant-member-init): g++ warns of lists that leave them out
  std::optional<Linear> projection = {};  // from config.embedding to config.hidden
  std::vector<Layer> stored = {};         // each layer of the file once
  // NOLINTEND(readability-redundant-member-init)
  Linear pooler = {};
  Linear classifier = {};

  // In the order in which they are applied.
  std::size_t layers() const { return config.layer_order.size(); }
  const Layer& layer(std::size_t index) const { return stored[config.layer_order[index]]; }
};

// Throws Error(kCorrupt) where config and tensors contradict each other.
Model load_model(const PostNormConfig& config, const Weights& weights, const Backend& backend);

}  // namespace valence::post_norm
