// What an architecture becomes once it is loaded: token ids in, logits out.
#pragma once

#include <cstdint>

#include "backend/backend.h"
#include "base/ragged_batch.h"
#include "base/thread_pool.h"

namespace valence {

// Sizes that callers and people ask about.
struct NetworkShape {
  std::int64_t labels = 0;
  std::int64_t window = 0;       // longest sequence, special tokens included
  std::int64_t vocabulary = 0;   // ids are below this
  std::int64_t token_types = 0;  // type ids are below this; 0: type ids are not looked at
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t heads = 0;
  std::size_t batch_tokens = 0;  // of a batch at most, for speed: more make no text quicker
};

// Immutable: any number of threads may call it, each with its own workspace.
class Network {
 public:
  virtual ~Network() = default;

  virtual const NetworkShape& shape() const = 0;

  // out is [sequences, labels]. Requires every id and type below the shape's limits and every
  // sequence within its window. Each row of out depends on its own sequence alone. The work is
  // shared with the idle threads of `pool` where it is worth it; null: on this thread alone.
  virtual void logits(const RaggedBatch& batch, Matrix out, Workspace& workspace,
                      ThreadPool* pool) const = 0;
};

}  // namespace valence
