// Threads that share a pass by rows or by outputs give the same bits as one thread alone.
#include <doctest/doctest.h>

#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "model/post_norm_encoder.h"

namespace valence {
namespace {

constexpr std::int64_t kLabels = 3;
constexpr std::int64_t kVocabulary = 50;

struct Shape {
  std::int64_t hidden, embedding, heads;
};

// A network of random weights, large enough that threads are asked to help.
class RandomNetwork {
 public:
  RandomNetwork(const Shape& shape, const Backend& backend) : weights_("random") {
    PostNormConfig config;
    config.hidden = shape.hidden;
    config.embedding = shape.embedding;
    config.heads = shape.heads;
    config.intermediate = 4 * shape.hidden;
    config.layer_order = layers_in_order(3);
    add("token_embd.weight", {kVocabulary, shape.embedding});
    add("position_embd.weight", {100, shape.embedding});
    add("token_types.weight", {2, shape.embedding});
    add_norm("token_embd_norm", shape.embedding);
    if (shape.embedding != shape.hidden)
      add_linear("token_embd_proj", shape.hidden, shape.embedding);
    for (int i = 0; i < 3; ++i) {
      const std::string prefix = "blk." + std::to_string(i) + ".";
      for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"})
        add_linear(prefix + name, shape.hidden, shape.hidden);
      add_norm(prefix + "attn_output_norm", shape.hidden);
      add_linear(prefix + "ffn_up", 4 * shape.hidden, shape.hidden);
      add_linear(prefix + "ffn_down", shape.hidden, 4 * shape.hidden);
      add_norm(prefix + "layer_output_norm", shape.hidden);
    }
    add_linear("cls", shape.hidden, shape.hidden);
    add_linear("cls.output", kLabels, shape.hidden);
    network_ = load_post_norm_encoder(config, weights_, backend);
  }

  const Network& network() const { return *network_; }

 private:
  void add(const std::string& name, std::vector<std::int64_t> shape, float centre = 0) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    std::vector<float>& values = storage_.emplace_back(static_cast<std::size_t>(count));
    for (float& value : values)
      value = centre + 0.05F * (static_cast<float>(engine_() % 20001) / 10000.0F - 1);
    Tensor tensor;
    tensor.shape = std::move(shape);
    tensor.data = std::as_bytes(std::span(values));
    weights_.add(name, {tensor, name});
  }
  void add_linear(const std::string& name, std::int64_t out, std::int64_t in) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }
  void add_norm(const std::string& name, std::int64_t size) {
    add(name + ".weight", {size}, 1);
    add(name + ".bias", {size});
  }

  std::mt19937 engine_;
  std::deque<std::vector<float>> storage_;
  Weights weights_;
  std::unique_ptr<Network> network_;
};

RaggedBatch one_sequence(std::int64_t tokens) {
  std::mt19937 engine(static_cast<unsigned>(tokens));
  RaggedBatch batch;
  std::vector<std::int32_t> ids(static_cast<std::size_t>(tokens));
  for (std::int32_t& id : ids) id = static_cast<std::int32_t>(engine() % kVocabulary);
  batch.append(ids, std::vector<std::uint8_t>(ids.size()));
  return batch;
}

std::vector<float> logits(const Network& network, const RaggedBatch& batch, Workspace& workspace,
                          ThreadPool* pool) {
  std::vector<float> found(static_cast<std::size_t>(kLabels));
  network.logits(batch, {found.data(), 1, kLabels}, workspace, pool);
  return found;
}

// Only idle threads are asked to help: waits until all are.
void wait_until_idle(ThreadPool& pool) {
  for (std::size_t found = 0; found < pool.threads();)
    pool.run_together(pool.threads(), [&](Team& team, std::size_t rank) {
      if (rank == 0) found = team.size();
    });
}

TEST_CASE("a lone text gets the same bits from any number of threads") {
  // Whole panels of outputs; some left over; embeddings of another size than the rest.
  for (const Shape& shape : {Shape{384, 384, 12}, Shape{312, 312, 12}, Shape{384, 128, 6}})
    for (const Precision precision : {Precision::kInt8, Precision::kBf16, Precision::kFp32}) {
      const std::unique_ptr<Backend> backend = make_backend("cpu", precision);
      const RandomNetwork model(shape, *backend);
      const std::unique_ptr<Workspace> workspace = backend->make_workspace();
      for (const std::int64_t tokens : {1, 2, 5, 6, 8, 9, 40, 100}) {
        CAPTURE(shape.hidden);
        CAPTURE(tokens);
        const RaggedBatch batch = one_sequence(tokens);
        const auto alone = logits(model.network(), batch, *workspace, nullptr);
        for (const std::size_t threads : {2, 3, 5, 8}) {
          CAPTURE(threads);
          ThreadPool pool(threads);
          wait_until_idle(pool);
          const auto shared = logits(model.network(), batch, *workspace, &pool);
          CHECK(std::memcmp(alone.data(), shared.data(), sizeof(float) * alone.size()) == 0);
        }
      }
    }
}

}  // namespace
}  // namespace valence
