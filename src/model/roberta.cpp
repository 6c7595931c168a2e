// RoBERTa (Liu et al. 2019) and the models that differ from it by name only: positions begin after
// the padding id; the head is dense, tanh, projection.
#include <array>

#include "model/architectures.h"
#include "model/post_norm_encoder.h"

namespace valence {
namespace {

constexpr auto kModelNames = std::to_array<NamePair>({
    {"token_embd", "roberta.embeddings.word_embeddings"},
    {"position_embd", "roberta.embeddings.position_embeddings"},
    {"token_types", "roberta.embeddings.token_type_embeddings"},
    {"token_embd_norm", "roberta.embeddings.LayerNorm"},
    {"cls", "classifier.dense"},
    {"cls.output", "classifier.out_proj"},
});

std::int64_t layers(const JsonRef& config) {
  return config_layers(config, "num_hidden_layers");
}

std::int64_t pad_id(const JsonRef& config) {
  const auto member = config.find("pad_token_id");
  return member ? member->integer_in(0, 1 << 24) : 1;
}

PostNormConfig read_config(const JsonRef& json) {
  PostNormConfig config = read_common_config(json);
  config.layer_order = layers_in_order(layers(json));
  config.pad_id = static_cast<std::int32_t>(pad_id(json));
  config.dropout.head_input = config.dropout.classifier = classifier_rate(json, config);
  return config;
}

constexpr Architecture roberta_like(std::string_view model_type, std::string_view class_name) {
  return {
      .model_type = model_type,
      .class_name = class_name,
      .model_names = kModelNames,
      .layer_names = kBertLayerNames,
      .hf_layer_prefix =
          [](const JsonRef& /*config*/, std::int64_t layer) {
            return "roberta.encoder.layer." + std::to_string(layer) + ".";
          },
      .stored_layers = layers,
      .hf_position_offset = [](const JsonRef& config) { return pad_id(config) + 1; },
      .post_norm = read_config,
      .load = load_with<read_config>,
  };
}

}  // namespace

constinit const Architecture kRoberta = roberta_like("roberta", "RobertaForSequenceClassification");
constinit const Architecture kXlmRoberta =
    roberta_like("xlm-roberta", "XLMRobertaForSequenceClassification");
constinit const Architecture kCamembert =
    roberta_like("camembert", "CamembertForSequenceClassification");

}  // namespace valence
