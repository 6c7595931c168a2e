#include "model/post_norm_encoder.h"

#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "valence/error.h"

namespace valence {
namespace {

struct Layer {
  Linear query, key, value, attention_output;
  LayerNorm attention_norm;
  Linear up, down;
  LayerNorm output_norm;
};

// Buffers of the workspace.
enum Slot : std::size_t { kEmbedded, kHidden, kOther, kQkv, kContext, kInner, kFirst, kPooled };

Layer load_layer(std::int64_t index, const PostNormConfig& config, const Weights& weights,
                 const Backend& backend) {
  const std::string prefix = "blk." + std::to_string(index) + ".";
  const std::int64_t hidden = config.hidden;
  const auto linear = [&](const char* name, std::int64_t out, std::int64_t in) {
    return load_linear(weights, prefix + name, out, in, backend);
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

class PostNormEncoder : public Network {
 public:
  PostNormEncoder(const PostNormConfig& config, const Weights& weights, const Backend& backend)
      : config_(config), backend_(backend), position_offset_(weights.position_offset()) {
    const auto matrix = [&](const char* name) {
      return backend.load_matrix(weights.get(name, {-1, config.embedding}));
    };
    tables_.tokens = matrix("token_embd.weight");
    tables_.positions = matrix("position_embd.weight");
    if (config.has_token_types) tables_.types = matrix("token_types.weight");
    embedding_norm_ =
        load_layer_norm(weights, "token_embd_norm", config.embedding, config.epsilon, backend);
    if (weights.has("token_embd_proj.weight") || config.embedding != config.hidden)
      projection_ =
          load_linear(weights, "token_embd_proj", config.hidden, config.embedding, backend);
    const std::set<std::int64_t> stored(config.layer_order.begin(), config.layer_order.end());
    for (const std::int64_t index : stored)
      layers_.push_back(load_layer(index, config, weights, backend));
    pooler_ = load_linear(weights, "cls", config.hidden, config.hidden, backend);
    const std::int64_t labels = weights.get("cls.output.bias", {-1}).shape[0];
    classifier_ = load_linear(weights, "cls.output", labels, config.hidden, backend);
    describe(weights, labels);
  }

  const NetworkShape& shape() const override { return shape_; }

  void logits(const RaggedBatch& batch, Matrix out, Workspace& workspace) const override {
    ConstMatrix hidden = embed(batch, workspace);
    for (std::size_t i = 0; i < config_.layer_order.size(); ++i) {
      const bool last = i + 1 == config_.layer_order.size();
      hidden = apply(layers_[config_.layer_order[i]], hidden, batch, last, workspace);
    }
    const Matrix pooled = workspace.buffer(kPooled, out.rows, config_.hidden);
    backend_.linear(pooler_, hidden, config_.head_activation, nullptr, pooled, workspace);
    backend_.linear(classifier_, pooled, Activation::kIdentity, nullptr, out, workspace);
  }

 private:
  void describe(const Weights& weights, std::int64_t labels) {
    shape_.labels = labels;
    shape_.window = tables_.positions->out() - position_offset_;
    shape_.vocabulary = tables_.tokens->out();
    shape_.token_types = tables_.types ? tables_.types->out() : 0;
    shape_.layers = static_cast<std::int64_t>(config_.layer_order.size());
    shape_.hidden = config_.hidden;
    shape_.heads = config_.heads;
    if (shape_.window < 1)
      throw Error(ErrorCode::kCorrupt, weights.origin() + ": the position table has " +
                                           std::to_string(tables_.positions->out()) +
                                           " rows, which leaves none for a token");
  }

  std::vector<std::int32_t> positions_of(const RaggedBatch& batch) const {
    std::vector<std::int32_t> positions(batch.tokens());
    const auto first = static_cast<std::int32_t>(position_offset_);
    for (std::size_t s = 0; s < batch.sequences(); ++s) {
      std::int32_t next = first;
      for (std::int32_t t = batch.offsets[s]; t < batch.offsets[s + 1]; ++t)
        positions[t] = batch.ids[t] == config_.pad_id ? first - 1 : next++;
    }
    return positions;
  }

  ConstMatrix embed(const RaggedBatch& batch, Workspace& workspace) const {
    const auto tokens = static_cast<std::int64_t>(batch.tokens());
    const Matrix embedded = workspace.buffer(kEmbedded, tokens, config_.embedding);
    const std::vector<std::int32_t> positions = positions_of(batch);
    backend_.embed(tables_, {batch.ids, positions, batch.type_ids}, embedded, workspace);
    backend_.layer_norm(embedding_norm_, embedded, workspace);
    if (!projection_) return embedded;
    const Matrix hidden = workspace.buffer(kHidden, tokens, config_.hidden);
    backend_.linear(*projection_, embedded, Activation::kIdentity, nullptr, hidden, workspace);
    return hidden;
  }

  // One layer over x. The last one answers for the first token of each sequence only, because that
  // is all the head reads: keys and values of every token, the rest for one row a sequence.
  ConstMatrix apply(const Layer& layer, ConstMatrix x, const RaggedBatch& batch, bool last,
                    Workspace& workspace) const {
    const std::int64_t hidden = config_.hidden;
    const std::span<const std::int32_t> keys = batch.offsets;
    std::vector<std::int32_t> one_each(last ? keys.size() : 0);
    std::iota(one_each.begin(), one_each.end(), 0);
    const std::span<const std::int32_t> queries =
        last ? std::span<const std::int32_t>(one_each) : keys;
    const ConstMatrix asking = last ? first_tokens(x, keys, workspace) : x;

    const Matrix qkv = workspace.buffer(kQkv, x.rows, 3 * hidden);
    const Matrix q = qkv.columns(0, hidden).rows_from(0, asking.rows);
    const Matrix k = qkv.columns(hidden, hidden);
    const Matrix v = qkv.columns(2 * hidden, hidden);
    backend_.linear(layer.query, asking, Activation::kIdentity, nullptr, q, workspace);
    backend_.linear(layer.key, x, Activation::kIdentity, nullptr, k, workspace);
    backend_.linear(layer.value, x, Activation::kIdentity, nullptr, v, workspace);
    const Matrix context = workspace.buffer(kContext, asking.rows, hidden);
    const std::int64_t head_size = hidden / config_.heads;
    const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(head_size)));
    backend_.attention({config_.heads, scale, queries, keys}, q, k, v, context, workspace);

    const Matrix attended = workspace.buffer(kOther, asking.rows, hidden);
    backend_.linear(layer.attention_output, context, Activation::kIdentity, &asking, attended,
                    workspace);
    backend_.layer_norm(layer.attention_norm, attended, workspace);
    return feed_forward(layer, attended, workspace);
  }

  ConstMatrix feed_forward(const Layer& layer, ConstMatrix x, Workspace& workspace) const {
    const Matrix inner = workspace.buffer(kInner, x.rows, config_.intermediate);
    backend_.linear(layer.up, x, config_.activation, nullptr, inner, workspace);
    const Matrix out = workspace.buffer(kHidden, x.rows, config_.hidden);
    backend_.linear(layer.down, inner, Activation::kIdentity, &x, out, workspace);
    backend_.layer_norm(layer.output_norm, out, workspace);
    return out;
  }

  ConstMatrix first_tokens(ConstMatrix x, std::span<const std::int32_t> offsets,
                           Workspace& workspace) const {
    const auto count = static_cast<std::int64_t>(offsets.size()) - 1;
    const Matrix first = workspace.buffer(kFirst, count, x.cols);
    backend_.gather_rows(x, offsets.first(offsets.size() - 1), first, workspace);
    return first;
  }

  PostNormConfig config_;
  const Backend& backend_;
  std::int64_t position_offset_;
  Embeddings tables_;
  LayerNorm embedding_norm_;
  std::optional<Linear> projection_;
  std::vector<Layer> layers_;
  Linear pooler_;
  Linear classifier_;
  NetworkShape shape_;
};

}  // namespace

std::unique_ptr<Network> load_post_norm_encoder(const PostNormConfig& config,
                                                const Weights& weights, const Backend& backend) {
  if (config.hidden % config.heads != 0)
    throw Error(ErrorCode::kCorrupt, weights.origin() + ": the hidden size " +
                                         std::to_string(config.hidden) + " is not a multiple of " +
                                         std::to_string(config.heads) + " attention heads");
  return std::make_unique<PostNormEncoder>(config, weights, backend);
}

}  // namespace valence
