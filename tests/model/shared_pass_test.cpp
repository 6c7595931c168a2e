// Threads that share a pass by rows or by outputs give the same bits as one thread alone.
#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "base/thread_pool.h"
#include "model/random_network.h"

namespace valence {
namespace {

constexpr std::int64_t kLabels = RandomNetwork::kLabels;
constexpr std::int64_t kVocabulary = 50;
constexpr std::int64_t kLayers = 3;
constexpr std::int64_t kWindow = 100;

struct Shape {
  std::int64_t hidden, embedding, heads;
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
      const RandomNetwork model(
          {kLayers, shape.hidden, shape.embedding, shape.heads, kVocabulary, kWindow}, *backend);
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
