// The encoder that BERT and its relatives share (Vaswani et al. 2017, normalised after each
// residual): embeddings, layers, and a head that reads the first token.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "backend/activation.h"
#include "backend/backend.h"
#include "base/json.h"
#include "model/network.h"
#include "model/weights.h"

namespace valence {

struct PostNormConfig {
  std::int64_t hidden = 0;
  std::int64_t embedding = 0;  // differs from hidden where the embeddings are factorised
  std::int64_t heads = 0;
  std::int64_t intermediate = 0;
  double epsilon = 1e-12;
  Activation activation = Activation::kGelu;
  Activation head_activation = Activation::kTanh;
  bool has_token_types = true;
  // Stored layers in the order in which they are applied; a shared layer stands here repeatedly.
  std::vector<std::int64_t> layer_order;
  // RoBERTa's rule: a token with this id takes the row before the first position and does not
  // advance the count.
  std::optional<std::int32_t> pad_id;
};

// A size in the config: at least 1 and small enough that no product of two overflows.
std::int64_t config_size(const JsonRef& config, std::string_view key);
std::int64_t config_layers(const JsonRef& config, std::string_view key);  // a count, at most 1024
Activation config_activation(const JsonRef& config, std::string_view key);
std::vector<std::int64_t> layers_in_order(std::int64_t count);  // 0, 1, ... count - 1

// The members that BERT, RoBERTa, ELECTRA and ALBERT spell alike: hidden_size, num_attention_heads,
// intermediate_size, hidden_act, layer_norm_eps.
PostNormConfig read_common_config(const JsonRef& config);

// Throws Error(kCorrupt) where config and tensors contradict each other.
std::unique_ptr<Network> load_post_norm_encoder(const PostNormConfig& config,
                                                const Weights& weights, const Backend& backend);

}  // namespace valence
