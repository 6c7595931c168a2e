// ELECTRA (Clark et al. 2020): BERT with a projection behind narrower embeddings; the head is
// dense, GELU (whatever the config's activation), projection.
#include <array>

#include "model/architectures.h"
#include "model/post_norm_encoder.h"

namespace valence {
namespace {

constexpr auto kModelNames = std::to_array<NamePair>({
    {"token_embd", "electra.embeddings.word_embeddings"},
    {"position_embd", "electra.embeddings.position_embeddings"},
    {"token_types", "electra.embeddings.token_type_embeddings"},
    {"token_embd_norm", "electra.embeddings.LayerNorm"},
    {"token_embd_proj", "electra.embeddings_project"},
    {"cls", "classifier.dense"},
    {"cls.output", "classifier.out_proj"},
});

std::int64_t layers(const JsonRef& config) {
  return config_layers(config, "num_hidden_layers");
}

PostNormConfig read_config(const JsonRef& json) {
  PostNormConfig config = read_common_config(json);
  config.embedding = config_size(json, "embedding_size");
  config.head_activation = Activation::kGelu;
  config.layer_order = layers_in_order(layers(json));
  config.dropout.head_input = config.dropout.classifier = classifier_rate(json, config);
  return config;
}

}  // namespace

constinit const Architecture kElectra{
    .model_type = "electra",
    .class_name = "ElectraForSequenceClassification",
    .model_names = kModelNames,
    .layer_names = kBertLayerNames,
    .hf_layer_prefix =
        [](const JsonRef& /*config*/, std::int64_t layer) {
          return "electra.encoder.layer." + std::to_string(layer) + ".";
        },
    .stored_layers = layers,
    .hf_position_offset = [](const JsonRef& /*config*/) { return std::int64_t{0}; },
    .post_norm = read_config,
    .load = load_with<read_config>,
};

}  // namespace valence
