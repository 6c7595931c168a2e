// A pass through a model as one of the threads that share it sees it, and the steps that are the
// same whether threads share by rows (post_norm_by_rows.h) or by outputs (post_norm_by_outputs.h).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "backend/backend.h"
#include "base/matrix.h"
#include "base/ragged_batch.h"
#include "base/team.h"
#include "model/post_norm_model.h"

namespace valence::post_norm {

// How a batch is to be shared, as far as that is known before threads join.
struct Sharing {
  std::size_t threads = 1;  // at most
  bool by_outputs = false;  // where so many join
  std::int64_t chunk = 0;   // rows that one of them takes through a layer together
};

// The memory of one pass, a row a token, or a row a sequence in the second group.
struct Buffers {
  Matrix embedded, hidden;
  // Each layer's products; two, because a thread may be one layer ahead of another.
  std::array<Matrix, 2> qkv;
  Matrix attended, inner;  // a chunk of rows for each thread, or for all together a row a token

  Matrix first, query, first_context, pooled;
  Matrix copies;  // for each thread, of the rows that threads share by outputs
};

// What one thread does of a pass: the layers for its tokens, and the head for its sequences.
struct Part {
  Share tokens, sequences;
  Matrix attended, inner;  // of the buffers' rows, a chunk
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

Buffers take_buffers(const Model& model, const RaggedBatch& batch, const Sharing& sharing,
                     Workspace& workspace);

// The row of the position table for each token; -1: none.
std::vector<std::int32_t> positions_of(const Model& model, const RaggedBatch& batch);

// What each thread has of a batch: an equal number of tokens, and those sequences.
Part part_of(const RaggedBatch& batch, const Buffers& buffers, std::int64_t chunk,
             std::size_t threads, std::size_t rank);

// Queries (0), keys (1) or values (2).
inline Matrix third(Matrix qkv, std::int64_t index) {
  const std::int64_t hidden = qkv.cols / 3;
  return qkv.columns(index * hidden, hidden);
}
inline Matrix keys_and_values(Matrix qkv) {
  const std::int64_t hidden = qkv.cols / 3;
  return qkv.columns(hidden, 2 * hidden);
}

// The embeddings of the thread's tokens, into buffers.hidden.
void embed(const Model& model, const Pass& pass);

// Attention of some heads; `q` and `context` have the rows of `queries`, and may be the same.
void attend(const Model& model, const Layer& layer, Share heads,
            std::span<const std::int32_t> queries, std::span<const std::int32_t> keys,
            ConstMatrix q, Matrix qkv, Matrix context);

}  // namespace valence::post_norm
