// The shape of BERT's kind of encoder, as an architecture reads it from a config.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "backend/activation.h"
#include "base/json.h"

namespace valence {

// Probabilities with which training drops elements; inference drops none.
struct DropoutRates {
  double embedding = 0;         // behind the normalised embeddings
  double attention = 0;         // the attention probabilities
  double attention_output = 0;  // before the residual is added
  double feed_forward = 0;      // likewise
  double head_input = 0;        // before the head's dense layer
  double classifier = 0;        // before the last layer
};

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
  DropoutRates dropout;
};

// A size in the config: at least 1 and small enough that no product of two overflows.
std::int64_t config_size(const JsonRef& config, std::string_view key);
std::int64_t config_layers(const JsonRef& config, std::string_view key);  // a count, at most 1024
Activation config_activation(const JsonRef& config, std::string_view key);
double config_rate(const JsonRef& config, std::string_view key, double fallback);  // in [0, 1)
std::vector<std::int64_t> layers_in_order(std::int64_t count);  // 0, 1, ... count - 1

// The members that BERT, RoBERTa, ELECTRA and ALBERT spell alike: hidden_size, num_attention_heads,
// intermediate_size, hidden_act, layer_norm_eps, hidden_dropout_prob (`rate` where it is absent),
// attention_probs_dropout_prob.
PostNormConfig read_common_config(const JsonRef& config, double rate = 0.1);

// hidden_dropout_prob where the config does not tell classifier_dropout.
double classifier_rate(const JsonRef& config, const PostNormConfig& common);

}  // namespace valence
