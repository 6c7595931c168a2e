#include "model/post_norm_encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "base/processors.h"
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
enum Slot : std::size_t {
  kEmbedded,
  kHidden,
  kAttended,
  kQkvEven,
  kQkvOdd,
  kContext,
  kInner,
  kFirst,
  kQuery,
  kFirstContext,
  kPooled,
  kCopies
};

// Rows that go through a layer together, for each MiB of a second-level cache, in which their
// widest activations stay; more than that of the first only where weights come from memory.
constexpr std::int64_t kChunk = 48;
constexpr std::size_t kMostChunks = 2;
// Batches are small, so that their activations stay in a second-level cache, where the weights (in
// bytes of int8) are read again from the last-level one; else larger, because each reads them from
// memory.
constexpr std::int64_t kCachedWeights = 16 << 20;
constexpr std::size_t kSmallBatch = 128;
constexpr std::size_t kLargeBatch = 256;
// Multiplications that are worth another thread: some tens of microseconds of one.
constexpr std::int64_t kWorthAThread = 4'000'000;
// A lone sequence is shared by outputs where it is short beside the weights and three threads or
// more read them: then each reads its part only, but hands on what it has four times a layer.
constexpr std::size_t kLeastByOutputs = 3;
constexpr std::int64_t kHiddenPerToken = 48;

// The memory of one pass, a row a token, or a row a sequence in the second group.
struct Buffers {
  Matrix embedded, hidden, attended, context;
  // Each layer's products; two, because a thread may be one layer ahead of another.
  std::array<Matrix, 2> qkv;
  Matrix inner;  // a chunk of rows for each thread, or for all together a row a token

  Matrix first, query, first_context, pooled;
  Matrix copies;  // for each thread, of the rows that threads share by outputs
};

// What one thread does of a pass: the layers for its tokens, and the head for its sequences.
struct Part {
  Share tokens, sequences;
  Matrix inner;  // of Buffers::inner
  // The sequences that have tokens here: their keys, and their queries as rows of this part.
  std::span<const std::int32_t> keys;
  std::vector<std::int32_t> queries;
};

struct Pass {
  const RaggedBatch& batch;
  std::span<const std::int32_t> positions;
  const Buffers& buffers;
  const Part part;
  Team& team;
  const std::size_t rank;
};

// Calls body(begin, rows) for pieces of about equal size, at most `most` rows each.
template <typename Body>
void for_each_chunk(Share share, std::int64_t most, Body body) {
  const auto chunks = static_cast<std::size_t>((share.size() + most - 1) / most);
  for (std::size_t i = 0; i < chunks; ++i) {
    const Share chunk = share_of(share.size(), i, chunks);
    body(share.begin + chunk.begin, chunk.size());
  }
}

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

class PostNormEncoder : public Network {
 public:
  PostNormEncoder(const PostNormConfig& config, const Weights& weights, const Backend& backend)
      : config_(config), backend_(backend), position_offset_(weights.position_offset()) {
    const auto matrix = [&](const char* name) {
      return backend.load_table(weights.get(name, {-1, config.embedding}));
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

  void logits(const RaggedBatch& batch, Matrix out, Workspace& workspace,
              ThreadPool* pool) const override {
    const std::size_t threads = worthwhile_threads(batch, pool);
    const std::vector<std::int32_t> positions = positions_of(batch);
    const Buffers buffers = take_buffers(batch, threads, workspace);
    const auto member = [&](Team& team, std::size_t rank) {
      const Pass pass{batch, positions, buffers, part_of(batch, buffers, team.size(), rank),
                      team,  rank};
      if (is_shared_by_outputs(batch, team.size()))
        forward_by_outputs(pass, out);
      else
        forward(pass, out);
    };
    if (threads == 1) {
      Team alone(1);
      member(alone, 0);
    } else {
      pool->run_together(threads, member);
    }
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
    const bool cached = layer_weights() * shape_.layers <= kCachedWeights;
    shape_.batch_tokens = cached ? kSmallBatch : kLargeBatch;
    const std::size_t mebibytes = second_level_cache_bytes() >> 20;
    if (!cached)
      chunk_ *= static_cast<std::int64_t>(std::clamp<std::size_t>(mebibytes, 1, kMostChunks));
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

  std::int64_t layer_weights() const {
    return config_.hidden * (4 * config_.hidden + 2 * config_.intermediate);
  }

  std::size_t worthwhile_threads(const RaggedBatch& batch, ThreadPool* pool) const {
    if (pool == nullptr) return 1;
    const std::int64_t work =
        static_cast<std::int64_t>(batch.tokens()) * layer_weights() * shape_.layers;
    const std::size_t threads =
        std::clamp<std::size_t>(static_cast<std::size_t>(work / kWorthAThread), 1, pool->threads());
    if (!is_shared_by_outputs(batch, threads)) return threads;
    const std::int64_t panels = (config_.hidden + kOutputPanel - 1) / kOutputPanel;
    return std::min(threads, std::max(kLeastByOutputs, static_cast<std::size_t>(panels)));
  }

  bool is_shared_by_outputs(const RaggedBatch& batch, std::size_t threads) const {
    return batch.sequences() == 1 && threads >= kLeastByOutputs &&
           static_cast<std::int64_t>(batch.tokens()) * kHiddenPerToken <= config_.hidden;
  }

  Buffers take_buffers(const RaggedBatch& batch, std::size_t threads, Workspace& workspace) const {
    const auto tokens = static_cast<std::int64_t>(batch.tokens());
    const auto sequences = static_cast<std::int64_t>(batch.sequences());
    const std::int64_t hidden = config_.hidden;
    Buffers buffers;
    buffers.embedded = workspace.buffer(kEmbedded, tokens, config_.embedding);
    buffers.hidden = projection_ ? workspace.buffer(kHidden, tokens, hidden) : buffers.embedded;
    buffers.attended = workspace.buffer(kAttended, tokens, hidden);
    buffers.qkv = {workspace.buffer(kQkvEven, tokens, 3 * hidden),
                   workspace.buffer(kQkvOdd, tokens, 3 * hidden)};
    buffers.context = workspace.buffer(kContext, tokens, hidden);
    buffers.first = workspace.buffer(kFirst, sequences, hidden);
    buffers.query = workspace.buffer(kQuery, sequences, hidden);
    buffers.first_context = workspace.buffer(kFirstContext, sequences, hidden);
    const std::int64_t shared = is_shared_by_outputs(batch, threads) ? tokens : 1;
    buffers.inner =
        workspace.buffer(kInner, std::max(static_cast<std::int64_t>(threads) * chunk_, shared),
                         config_.intermediate);
    buffers.copies = workspace.buffer(kCopies, static_cast<std::int64_t>(threads) * shared, hidden);
    buffers.pooled = workspace.buffer(kPooled, sequences, hidden);
    return buffers;
  }

  // What each thread has of a batch: an equal number of tokens, and those sequences.
  Part part_of(const RaggedBatch& batch, const Buffers& buffers, std::size_t threads,
               std::size_t rank) const {
    Part part;
    part.tokens = share_of(static_cast<std::int64_t>(batch.tokens()), rank, threads);
    part.sequences = share_of(static_cast<std::int64_t>(batch.sequences()), rank, threads);
    part.inner = buffers.inner.rows_from(static_cast<std::int64_t>(rank) * chunk_, chunk_);
    const std::vector<std::int32_t>& offsets = batch.offsets;
    const auto begin = static_cast<std::int32_t>(part.tokens.begin);
    const auto end = static_cast<std::int32_t>(part.tokens.end);
    // The sequences that have a token in [begin, end), from the one that `begin` lies in.
    const auto first = std::upper_bound(offsets.begin(), offsets.end(), begin) - 1;
    const auto last = std::lower_bound(first, offsets.end(), end);
    part.keys = begin == end ? std::span<const std::int32_t>() : std::span(first, last + 1);
    for (const std::int32_t offset : part.keys)
      part.queries.push_back(std::clamp(offset, begin, end) - begin);
    return part;
  }

  void forward(const Pass& pass, Matrix out) const {
    embed(pass);
    const std::size_t last = config_.layer_order.size() - 1;
    for (std::size_t i = 0; i < last; ++i) {
      const Layer& layer = layers_[config_.layer_order[i]];
      const Matrix qkv = pass.buffers.qkv[i % 2];
      project(layer, pass, qkv);
      pass.team.barrier();  // attention reads rows of other threads
      answer(layer, pass, qkv);
    }
    const Layer& layer = layers_[config_.layer_order[last]];
    const Matrix qkv = pass.buffers.qkv[last % 2];
    project_keys(layer, pass, qkv);
    pass.team.barrier();
    if (pass.batch.sequences() == 1 && pass.team.size() > 1) {
      classify_lone(pass, answer_lone(layer, pass, pass.buffers.hidden, qkv), out);
    } else {
      answer_first(layer, pass, qkv);
      classify(pass, out);
    }
  }

  void embed(const Pass& pass) const {
    const std::int64_t begin = pass.part.tokens.begin;
    const std::int64_t rows = pass.part.tokens.size();
    const auto slice = [&](const auto& values) {
      return std::span(values).subspan(static_cast<std::size_t>(begin),
                                       static_cast<std::size_t>(rows));
    };
    const Matrix embedded = pass.buffers.embedded.rows_from(begin, rows);
    backend_.embed(tables_,
                   {slice(pass.batch.ids), slice(pass.positions), slice(pass.batch.type_ids)},
                   embedded);
    backend_.layer_norm(embedding_norm_, embedded);
    if (projection_)
      backend_.linear(*projection_, embedded, Activation::kIdentity, nullptr,
                      pass.buffers.hidden.rows_from(begin, rows));
  }

  // Queries, keys and values of the thread's tokens.
  void project(const Layer& layer, const Pass& pass, Matrix qkv) const {
    for_each_chunk(pass.part.tokens, chunk_, [&](std::int64_t begin, std::int64_t rows) {
      const ConstMatrix x = pass.buffers.hidden.rows_from(begin, rows);
      backend_.linears(std::array{&layer.query, &layer.key, &layer.value}, x,
                       qkv.rows_from(begin, rows));
    });
  }

  // The rest of a layer for the thread's tokens.
  void answer(const Layer& layer, const Pass& pass, Matrix qkv) const {
    const Part& part = pass.part;
    const auto own = [&](Matrix all) {
      return all.rows_from(part.tokens.begin, part.tokens.size());
    };
    attend(layer, {0, config_.heads}, part.queries, part.keys, own(third(qkv, 0)), qkv,
           own(pass.buffers.context));
    for_each_chunk(part.tokens, chunk_, [&](std::int64_t begin, std::int64_t rows) {
      const Matrix hidden = pass.buffers.hidden.rows_from(begin, rows);
      finish(layer, pass.buffers.context.rows_from(begin, rows), hidden,
             pass.buffers.attended.rows_from(begin, rows), part.inner.rows_from(0, rows), hidden);
    });
  }

  // The last layer answers for the first token of each sequence only, because that is all the head
  // reads: it has keys and values of every token, the rest for one row a sequence.
  void project_keys(const Layer& layer, const Pass& pass, Matrix qkv) const {
    for_each_chunk(pass.part.tokens, chunk_, [&](std::int64_t begin, std::int64_t rows) {
      const ConstMatrix x = pass.buffers.hidden.rows_from(begin, rows);
      backend_.linears(std::array{&layer.key, &layer.value}, x,
                       qkv.columns(config_.hidden, 2 * config_.hidden).rows_from(begin, rows));
    });
  }

  void answer_first(const Layer& layer, const Pass& pass, Matrix qkv) const {
    const Part& part = pass.part;
    const std::span<const std::int32_t> offsets(pass.batch.offsets);
    for_each_chunk(part.sequences, chunk_, [&](std::int64_t begin, std::int64_t rows) {
      const auto at = [&](Matrix all) { return all.rows_from(begin, rows); };
      const Matrix first = at(pass.buffers.first);
      const std::span<const std::int32_t> keys =
          offsets.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(rows) + 1);
      backend_.gather_rows(pass.buffers.hidden, keys.first(static_cast<std::size_t>(rows)), first);
      // One query a sequence: these rows of the buffers are free now, and nobody else's.
      const Matrix query = at(pass.buffers.query);
      backend_.linear(layer.query, first, Activation::kIdentity, nullptr, query);
      std::vector<std::int32_t> one_each(keys.size());
      std::iota(one_each.begin(), one_each.end(), 0);
      const Matrix context = at(pass.buffers.first_context);
      attend(layer, {0, config_.heads}, one_each, keys, query, qkv, context);
      finish(layer, context, first, query, part.inner.rows_from(0, rows), first);
    });
  }

  // The same for one sequence and several threads, which take outputs of its only row: there the
  // time goes by reading weights. Returns the answer, a copy for each thread.
  ConstMatrix answer_lone(const Layer& layer, const Pass& pass, ConstMatrix x, Matrix qkv) const {
    const ConstMatrix first = x.rows_from(0, 1);
    const Matrix query = pass.buffers.query;
    share_linears(pass, std::array{&layer.query}, first, query);
    const std::array<std::int32_t, 2> one{0, 1};
    return answer_by_outputs(layer, pass, one, query, qkv, first, pass.buffers.first_context);
  }

  // All of a pass in which threads take outputs of every row.
  void forward_by_outputs(const Pass& pass, Matrix out) const {
    embed(pass);
    pass.team.barrier();
    ConstMatrix x = pass.buffers.hidden;
    const std::size_t last = config_.layer_order.size() - 1;
    const Matrix qkv = pass.buffers.qkv[0];
    for (std::size_t i = 0; i < last; ++i) {
      const Layer& layer = layers_[config_.layer_order[i]];
      share_linears(pass, std::array{&layer.query, &layer.key, &layer.value}, x, qkv);
      x = answer_by_outputs(layer, pass, pass.batch.offsets, third(qkv, 0), qkv, x,
                            pass.buffers.context);
    }
    const Layer& layer = layers_[config_.layer_order[last]];
    share_linears(pass, std::array{&layer.key, &layer.value}, x,
                  qkv.columns(config_.hidden, 2 * config_.hidden));
    classify_lone(pass, answer_lone(layer, pass, x, qkv), out);
  }

  // From queries to the layer's output for the rows of x, each thread having some of the heads and
  // outputs. Returns the thread's copy of all.
  ConstMatrix answer_by_outputs(const Layer& layer, const Pass& pass,
                                std::span<const std::int32_t> queries, ConstMatrix q, Matrix qkv,
                                ConstMatrix x, Matrix context) const {
    const Share heads = share_of(config_.heads, pass.rank, pass.team.size());
    if (heads.size() > 0) attend(layer, heads, queries, pass.batch.offsets, q, qkv, context);
    pass.team.barrier();
    const auto rank = static_cast<std::int64_t>(pass.rank);
    const Matrix attended = pass.buffers.attended.rows_from(0, x.rows);
    const Matrix hidden = pass.buffers.hidden.rows_from(0, x.rows);
    const Matrix inner = pass.buffers.inner.rows_from(0, x.rows);
    const Matrix copy = pass.buffers.copies.rows_from(rank * x.rows, x.rows);
    share_linear(pass, layer.attention_output, context, Activation::kIdentity, &x, attended);
    normalize_copy(layer.attention_norm, attended, copy);
    const ConstMatrix rest = copy;
    share_linear(pass, layer.up, rest, config_.activation, nullptr, inner);
    share_linear(pass, layer.down, inner, Activation::kIdentity, &rest, hidden);
    normalize_copy(layer.output_norm, hidden, copy);
    return copy;
  }

  void classify_lone(const Pass& pass, ConstMatrix answer, Matrix out) const {
    const Matrix pooled = pass.buffers.pooled;
    share_linear(pass, pooler_, answer, config_.head_activation, nullptr, pooled);
    if (pass.rank == 0) backend_.linear(classifier_, pooled, Activation::kIdentity, nullptr, out);
  }

  // Each thread computes some of the outputs, and returns once all are there.
  void share_linear(const Pass& pass, const Linear& weights, ConstMatrix x, Activation activation,
                    const ConstMatrix* residual, Matrix out) const {
    const Share outputs = outputs_of(pass, weights);
    if (outputs.size() > 0) backend_.linear_part(weights, outputs, x, activation, residual, out);
    pass.team.barrier();
  }

  void share_linears(const Pass& pass, std::span<const Linear* const> layers, ConstMatrix x,
                     Matrix out) const {
    const Share outputs = outputs_of(pass, *layers[0]);
    if (outputs.size() > 0) backend_.linears_part(layers, outputs, x, out);
    pass.team.barrier();
  }

  static Share outputs_of(const Pass& pass, const Linear& weights) {
    const std::int64_t count = weights.weight->out();
    const Share panels =
        share_of((count + kOutputPanel - 1) / kOutputPanel, pass.rank, pass.team.size());
    return {panels.begin * kOutputPanel, std::min(panels.end * kOutputPanel, count)};
  }

  // By each thread for itself: cheaper than to wait for one that does it.
  void normalize_copy(const LayerNorm& norm, ConstMatrix from, Matrix to) const {
    for (std::int64_t r = 0; r < to.rows; ++r) std::copy_n(from.row(r), to.cols, to.row(r));
    backend_.layer_norm(norm, to);
  }

  void attend(const Layer& layer, Share heads, std::span<const std::int32_t> queries,
              std::span<const std::int32_t> keys, ConstMatrix q, Matrix qkv, Matrix context) const {
    const std::int64_t head_size = config_.hidden / config_.heads;
    const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(head_size)));
    const bool exact = layer.query.weight->exact();
    const auto columns = [&](const auto& matrix) {
      return matrix.columns(heads.begin * head_size, heads.size() * head_size);
    };
    backend_.attention({heads.size(), scale, exact, queries, keys}, columns(q),
                       columns(third(qkv, 1)), columns(third(qkv, 2)), columns(context));
  }

  // From the context to the layer's output, over a chunk of rows. `out` may be `x`.
  void finish(const Layer& layer, ConstMatrix context, ConstMatrix x, Matrix attended, Matrix inner,
              Matrix out) const {
    backend_.linear(layer.attention_output, context, Activation::kIdentity, &x, attended);
    backend_.layer_norm(layer.attention_norm, attended);
    const ConstMatrix rest = attended;
    backend_.linear(layer.up, attended, config_.activation, nullptr, inner);
    backend_.linear(layer.down, inner, Activation::kIdentity, &rest, out);
    backend_.layer_norm(layer.output_norm, out);
  }

  void classify(const Pass& pass, Matrix out) const {
    const Share share = pass.part.sequences;
    const Matrix pooled = pass.buffers.pooled.rows_from(share.begin, share.size());
    backend_.linear(pooler_, pass.buffers.first.rows_from(share.begin, share.size()),
                    config_.head_activation, nullptr, pooled);
    backend_.linear(classifier_, pooled, Activation::kIdentity, nullptr,
                    out.rows_from(share.begin, share.size()));
  }

  // Queries (0), keys (1) or values (2).
  Matrix third(Matrix qkv, std::int64_t index) const {
    return qkv.columns(index * config_.hidden, config_.hidden);
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
  std::int64_t chunk_ = kChunk;  // rows
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
