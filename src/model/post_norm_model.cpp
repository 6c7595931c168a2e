// Takes the tensors of a model of BERT's kind by name and has the backend load them.
#include "model/post_norm_model.h"

#include <set>
#include <string>

#include "valence/error.h"

namespace valence::post_norm {
namespace {

Layer load_layer(std::int64_t index, const PostNormConfig& config, const Weights& weights,
                 const Backend& backend) {
  const std::string prefix = "blk." + std::to_string(index) + ".";
  const std::int64_t hidden = config.hidden;
  const auto linear = [&](const char* name, std::int64_t out, std::int64_t in) {
    return load_layer_linear(weights, prefix + name, out, in, backend);
  };
  const auto norm = [&](const char* name) {
    return load_layer_norm(weights, prefix + name, hidden, config.epsilon, backend);
  };
  return {linear("attn_q", hidden, hidden),
          linear("attn_k", hidden, hidden),
          linear("attn_v", hidden, hidden),
          linear("attn_output", hidden, hidden),
          norm("attn_output_norm"),
          linear("ffn_up", config.intermediate, hidden),
          linear("ffn_down", hidden, config.intermediate),
          norm("layer_output_norm")};
}

}  // namespace

Model load_model(const PostNormConfig& config, const Weights& weights, const Backend& backend) {
  if (config.hidden % config.heads != 0)
    throw Error(ErrorCode::kCorrupt, weights.origin() + ": the hidden size " +
                                         std::to_string(config.hidden) + " is not a multiple of " +
                                         std::to_string(config.heads) + " attention heads");
  Model model{config, backend, weights.position_offset()};
  const auto table = [&](const char* name) {
    return backend.load_table(weights.get(name, {-1, config.embedding}));
  };
  model.tables.tokens = table("token_embd.weight");
  model.tables.positions = table("position_embd.weight");
  if (config.has_token_types) model.tables.types = table("token_types.weight");
  model.embedding_norm =
      load_layer_norm(weights, "token_embd_norm", config.embedding, config.epsilon, backend);
  if (weights.has("token_embd_proj.weight") || config.embedding != config.hidden)
    model.projection =
        load_linear(weights, "token_embd_proj", config.hidden, config.embedding, backend);
  const std::set<std::int64_t> stored(config.layer_order.begin(), config.layer_order.end());
  for (const std::int64_t index : stored)
    model.stored.push_back(load_layer(index, config, weights, backend));
  model.pooler = load_linear(weights, "cls", config.hidden, config.hidden, backend);
  const std::int64_t labels = weights.get("cls.output.bias", {-1}).shape[0];
  model.classifier = load_linear(weights, "cls.output", labels, config.hidden, backend);
  if (model.tables.positions->out() <= model.position_offset)
    throw Error(ErrorCode::kCorrupt, weights.origin() + ": the position table has " +
                                         std::to_string(model.tables.positions->out()) +
                                         " rows, which leaves none for a token");
  return model;
}

}  // namespace valence::post_norm
