// ALBERT (Lan et al. 2019): factorised embeddings and layers shared in groups; the head is BERT's.
#include <array>

#include "model/architectures.h"
#include "model/post_norm_encoder.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr auto kModelNames = std::to_array<NamePair>({
    {"token_embd", "albert.embeddings.word_embeddings"},
    {"position_embd", "albert.embeddings.position_embeddings"},
    {"token_types", "albert.embeddings.token_type_embeddings"},
    {"token_embd_norm", "albert.embeddings.LayerNorm"},
    {"token_embd_proj", "albert.encoder.embedding_hidden_mapping_in"},
    {"cls", "albert.pooler"},
    {"cls.output", "classifier"},
});

constexpr auto kLayerNames = std::to_array<NamePair>({
    {"attn_q", "attention.query"},
    {"attn_k", "attention.key"},
    {"attn_v", "attention.value"},
    {"attn_output", "attention.dense"},
    {"attn_output_norm", "attention.LayerNorm"},
    {"ffn_up", "ffn"},
    {"ffn_down", "ffn_output"},
    {"layer_output_norm", "full_layer_layer_norm"},
});

struct Sharing {
  std::int64_t applied;  // times that a group is applied
  std::int64_t groups;
  std::int64_t inner;  // layers in a group
};

Sharing read_sharing(const JsonRef& config) {
  const auto size_or_one = [&](std::string_view key) {
    return config.find(key) ? config_layers(config, key) : 1;
  };
  const Sharing sharing{config_layers(config, "num_hidden_layers"),
                        size_or_one("num_hidden_groups"), size_or_one("inner_group_num")};
  if (sharing.groups > sharing.applied)
    throw Error(ErrorCode::kCorrupt,
                config.path() + "/num_hidden_groups: " + std::to_string(sharing.groups) +
                    " groups for " + std::to_string(sharing.applied) + " layers");
  return sharing;
}

// Layer number `inner` of group `group` is stored as group * inner layers + inner.
std::vector<std::int64_t> application_order(const Sharing& sharing) {
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < sharing.applied; ++i) {
    // int(i / (applied / groups)) in floating point, as the reference computes it
    const auto group =
        static_cast<std::int64_t>(static_cast<double>(i) / (static_cast<double>(sharing.applied) /
                                                            static_cast<double>(sharing.groups)));
    for (std::int64_t j = 0; j < sharing.inner; ++j) order.push_back(group * sharing.inner + j);
  }
  return order;
}

PostNormConfig read_config(const JsonRef& json) {
  PostNormConfig config = read_common_config(json, 0);
  config.embedding = config_size(json, "embedding_size");
  config.layer_order = application_order(read_sharing(json));
  config.dropout.feed_forward = 0;
  config.dropout.classifier = config_rate(json, "classifier_dropout_prob", 0.1);
  return config;
}

}  // namespace

constinit const Architecture kAlbert{
    .model_type = "albert",
    .class_name = "AlbertForSequenceClassification",
    .model_names = kModelNames,
    .layer_names = kLayerNames,
    .hf_layer_prefix =
        [](const JsonRef& config, std::int64_t layer) {
          const std::int64_t inner = read_sharing(config).inner;
          return "albert.encoder.albert_layer_groups." + std::to_string(layer / inner) +
                 ".albert_layers." + std::to_string(layer % inner) + ".";
        },
    .stored_layers =
        [](const JsonRef& config) {
          const Sharing sharing = read_sharing(config);
          return sharing.groups * sharing.inner;
        },
    .hf_position_offset = [](const JsonRef& /*config*/) { return std::int64_t{0}; },
    .post_norm = read_config,
    .load = load_with<read_config>,
};

}  // namespace valence
