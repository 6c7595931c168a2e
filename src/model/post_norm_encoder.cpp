// The Network: its sizes, how many threads share a batch, and which way.
#include "model/post_norm_encoder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/processors.h"
#include "model/post_norm_by_outputs.h"
#include "model/post_norm_by_rows.h"
#include "model/post_norm_model.h"
#include "model/post_norm_pass.h"

namespace valence::post_norm {
namespace {

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
// more read them: then each reads its part only, but they meet five times a layer.
constexpr std::size_t kLeastByOutputs = 3;
constexpr std::int64_t kHiddenPerToken = 48;

class Encoder : public Network {
 public:
  explicit Encoder(Model model)
      : model_(std::move(model)), shape_(describe()), chunk_(rows_together()) {}

  const NetworkShape& shape() const override { return shape_; }

  void logits(const RaggedBatch& batch, Matrix out, Workspace& workspace,
              ThreadPool* pool) const override {
    const std::size_t threads = worthwhile_threads(batch, pool);
    const std::vector<std::int32_t> positions = positions_of(model_, batch);
    const Buffers buffers = take_buffers(
        model_, batch, {threads, is_shared_by_outputs(batch, threads), chunk_}, workspace);
    const auto member = [&](Team& team, std::size_t rank) {
      const Pass pass{batch, positions, buffers, part_of(batch, buffers, chunk_, team.size(), rank),
                      team,  rank};
      if (is_shared_by_outputs(batch, team.size()))
        forward_by_outputs(model_, pass, out);
      else
        forward_by_rows(model_, pass, out);
    };
    if (threads == 1) {
      Team alone(1);
      member(alone, 0);
    } else {
      pool->run_together(threads, member);
    }
  }

 private:
  NetworkShape describe() const {
    NetworkShape shape;
    shape.labels = model_.classifier.weight->out();
    shape.window = model_.tables.positions->out() - model_.position_offset;
    shape.vocabulary = model_.tables.tokens->out();
    shape.token_types = model_.tables.types ? model_.tables.types->out() : 0;
    shape.layers = static_cast<std::int64_t>(model_.layers());
    shape.hidden = model_.config.hidden;
    shape.heads = model_.config.heads;
    shape.batch_tokens = are_weights_cached() ? kSmallBatch : kLargeBatch;
    return shape;
  }

  std::int64_t rows_together() const {
    if (are_weights_cached()) return kChunk;
    const std::size_t mebibytes = second_level_cache_bytes() >> 20;
    return kChunk * static_cast<std::int64_t>(std::clamp<std::size_t>(mebibytes, 1, kMostChunks));
  }

  bool are_weights_cached() const { return all_weights() <= kCachedWeights; }

  std::int64_t all_weights() const {
    const std::int64_t hidden = model_.config.hidden;
    const std::int64_t layer = hidden * (4 * hidden + 2 * model_.config.intermediate);
    return layer * static_cast<std::int64_t>(model_.layers());
  }

  std::size_t worthwhile_threads(const RaggedBatch& batch, ThreadPool* pool) const {
    if (pool == nullptr) return 1;
    const std::int64_t work = static_cast<std::int64_t>(batch.tokens()) * all_weights();
    const std::size_t threads =
        std::clamp<std::size_t>(static_cast<std::size_t>(work / kWorthAThread), 1, pool->threads());
    if (!is_shared_by_outputs(batch, threads)) return threads;
    const std::int64_t panels = (model_.config.hidden + kOutputPanel - 1) / kOutputPanel;
    return std::min(threads, std::max(kLeastByOutputs, static_cast<std::size_t>(panels)));
  }

  bool is_shared_by_outputs(const RaggedBatch& batch, std::size_t threads) const {
    return batch.sequences() == 1 && threads >= kLeastByOutputs &&
           static_cast<std::int64_t>(batch.tokens()) * kHiddenPerToken <= model_.config.hidden;
  }

  const Model model_;
  const NetworkShape shape_;
  const std::int64_t chunk_;  // rows
};

}  // namespace
}  // namespace valence::post_norm

namespace valence {

std::unique_ptr<Network> load_post_norm_encoder(const PostNormConfig& config,
                                                const Weights& weights, const Backend& backend) {
  return std::make_unique<post_norm::Encoder>(post_norm::load_model(config, weights, backend));
}

}  // namespace valence
