#include "model/post_norm_config.h"

#include <numeric>
#include <string>

#include "valence/error.h"

namespace valence {

std::int64_t config_size(const JsonRef& config, std::string_view key) {
  return config.at(key).integer_in(1, 1 << 24);
}

std::int64_t config_layers(const JsonRef& config, std::string_view key) {
  return config.at(key).integer_in(1, 1024);
}

Activation config_activation(const JsonRef& config, std::string_view key) {
  const std::string name = config.at(key).string();
  const std::optional<Activation> activation = activation_from_name(name);
  if (!activation)
    throw Error(ErrorCode::kUnsupported, config.path() + "/" + std::string(key) +
                                             ": the activation \"" + name + "\" is not supported");
  return *activation;
}

std::vector<std::int64_t> layers_in_order(std::int64_t count) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

double config_rate(const JsonRef& config, std::string_view key, double fallback) {
  const double rate = config.number_or(key, fallback);
  if (!(rate >= 0 && rate < 1)) config.at(key).fail("expected a probability below 1");
  return rate;
}

PostNormConfig read_common_config(const JsonRef& config, double rate) {
  PostNormConfig common;
  common.hidden = config_size(config, "hidden_size");
  common.embedding = common.hidden;
  common.heads = config_size(config, "num_attention_heads");
  common.intermediate = config_size(config, "intermediate_size");
  common.activation = config_activation(config, "hidden_act");
  common.epsilon = config.number_or("layer_norm_eps", 1e-12);
  const std::string positions = config.string_or("position_embedding_type", "absolute");
  if (positions != "absolute")
    throw Error(ErrorCode::kUnsupported, config.path() + "/position_embedding_type: \"" +
                                             positions + "\" is not supported, only \"absolute\"");
  const double hidden_rate = config_rate(config, "hidden_dropout_prob", rate);
  common.dropout.embedding = hidden_rate;
  common.dropout.attention = config_rate(config, "attention_probs_dropout_prob", rate);
  common.dropout.attention_output = hidden_rate;
  common.dropout.feed_forward = hidden_rate;
  return common;
}

double classifier_rate(const JsonRef& config, const PostNormConfig& common) {
  return config_rate(config, "classifier_dropout", common.dropout.embedding);
}

}  // namespace valence
