// DistilBERT (Sanh et al. 2019): BERT without token types; the head is dense, ReLU, classifier.
#include <array>

#include "model/architectures.h"
#include "model/post_norm_encoder.h"

namespace valence {
namespace {

constexpr auto kModelNames = std::to_array<NamePair>({
    {"token_embd", "distilbert.embeddings.word_embeddings"},
    {"position_embd", "distilbert.embeddings.position_embeddings"},
    {"token_embd_norm", "distilbert.embeddings.LayerNorm"},
    {"cls", "pre_classifier"},
    {"cls.output", "classifier"},
});

constexpr auto kLayerNames = std::to_array<NamePair>({
    {"attn_q", "attention.q_lin"},
    {"attn_k", "attention.k_lin"},
    {"attn_v", "attention.v_lin"},
    {"attn_output", "attention.out_lin"},
    {"attn_output_norm", "sa_layer_norm"},
    {"ffn_up", "ffn.lin1"},
    {"ffn_down", "ffn.lin2"},
    {"layer_output_norm", "output_layer_norm"},
});

std::int64_t layers(const JsonRef& config) {
  return config_layers(config, "n_layers");
}

PostNormConfig read_config(const JsonRef& json) {
  PostNormConfig config;
  config.hidden = config_size(json, "dim");
  config.embedding = config.hidden;
  config.heads = config_size(json, "n_heads");
  config.intermediate = config_size(json, "hidden_dim");
  config.activation = config_activation(json, "activation");
  config.head_activation = Activation::kRelu;
  config.has_token_types = false;
  config.layer_order = layers_in_order(layers(json));
  config.dropout.embedding = config.dropout.feed_forward = config_rate(json, "dropout", 0.1);
  config.dropout.attention = config_rate(json, "attention_dropout", 0.1);
  config.dropout.classifier = config_rate(json, "seq_classif_dropout", 0.2);
  return config;
}

}  // namespace

constinit const Architecture kDistilBert{
    .model_type = "distilbert",
    .class_name = "DistilBertForSequenceClassification",
    .model_names = kModelNames,
    .layer_names = kLayerNames,
    .hf_layer_prefix =
        [](const JsonRef& /*config*/, std::int64_t layer) {
          return "distilbert.transformer.layer." + std::to_string(layer) + ".";
        },
    .stored_layers = layers,
    .hf_position_offset = [](const JsonRef& /*config*/) { return std::int64_t{0}; },
    .post_norm = read_config,
    .load = load_with<read_config>,
};

}  // namespace valence
