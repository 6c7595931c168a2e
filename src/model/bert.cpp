// BERT (Devlin et al. 2018), MiniLM and TinyBERT included: the pooler (dense, tanh) stands before
// the classifier.
#include <array>

#include "model/architectures.h"
#include "model/post_norm_encoder.h"

namespace valence {
namespace {

constexpr auto kModelNames = std::to_array<NamePair>({
    {"token_embd", "bert.embeddings.word_embeddings"},
    {"position_embd", "bert.embeddings.position_embeddings"},
    {"token_types", "bert.embeddings.token_type_embeddings"},
    {"token_embd_norm", "bert.embeddings.LayerNorm"},
    {"cls", "bert.pooler.dense"},
    {"cls.output", "classifier"},
});

std::int64_t layers(const JsonRef& config) {
  return config_layers(config, "num_hidden_layers");
}

PostNormConfig read_config(const JsonRef& json) {
  PostNormConfig config = read_common_config(json);
  config.layer_order = layers_in_order(layers(json));
  config.dropout.classifier = classifier_rate(json, config);
  return config;
}

}  // namespace

constinit const Architecture kBert{
    .model_type = "bert",
    .class_name = "BertForSequenceClassification",
    .model_names = kModelNames,
    .layer_names = kBertLayerNames,
    .hf_layer_prefix =
        [](const JsonRef& /*config*/, std::int64_t layer) {
          return "bert.encoder.layer." + std::to_string(layer) + ".";
        },
    .stored_layers = layers,
    .hf_position_offset = [](const JsonRef& /*config*/) { return std::int64_t{0}; },
    .post_norm = read_config,
    .load = load_with<read_config>,
};

}  // namespace valence
