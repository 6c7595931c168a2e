// Memory, positions and parts of a pass; embeddings and attention.
#include "model/post_norm_pass.h"

#include <algorithm>
#include <cmath>

namespace valence::post_norm {
namespace {

// Buffers of the workspace.
enum Slot : std::size_t {
  kEmbedded,
  kHidden,
  kAttended,
  kQkvEven,
  kQkvOdd,
  kInner,
  kFirst,
  kQuery,
  kFirstContext,
  kPooled,
  kCopies
};

}  // namespace

Buffers take_buffers(const Model& model, const RaggedBatch& batch, const Sharing& sharing,
                     Workspace& workspace) {
  const auto tokens = static_cast<std::int64_t>(batch.tokens());
  const auto sequences = static_cast<std::int64_t>(batch.sequences());
  const auto threads = static_cast<std::int64_t>(sharing.threads);
  const std::int64_t hidden = model.config.hidden;
  Buffers buffers;
  buffers.embedded = workspace.buffer(kEmbedded, tokens, model.config.embedding);
  buffers.hidden = model.projection ? workspace.buffer(kHidden, tokens, hidden) : buffers.embedded;
  const Matrix even = workspace.buffer(kQkvEven, tokens, 3 * hidden);
  const bool alone = sharing.threads == 1;  // the less memory, the more of it stays in the caches
  buffers.qkv = {even, alone ? even : workspace.buffer(kQkvOdd, tokens, 3 * hidden)};
  buffers.first = workspace.buffer(kFirst, sequences, hidden);
  buffers.query = workspace.buffer(kQuery, sequences, hidden);
  buffers.first_context = workspace.buffer(kFirstContext, sequences, hidden);
  const std::int64_t shared = sharing.by_outputs ? tokens : 1;
  const std::int64_t rows = std::max(threads * sharing.chunk, shared);
  buffers.attended = workspace.buffer(kAttended, rows, hidden);
  buffers.inner = workspace.buffer(kInner, rows, model.config.intermediate);
  buffers.copies = workspace.buffer(kCopies, threads * shared, hidden);
  buffers.pooled = workspace.buffer(kPooled, sequences, hidden);
  return buffers;
}

std::vector<std::int32_t> positions_of(const Model& model, const RaggedBatch& batch) {
  std::vector<std::int32_t> positions(batch.tokens());
  const auto first = static_cast<std::int32_t>(model.position_offset);
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    std::int32_t next = first;
    for (std::int32_t t = batch.offsets[s]; t < batch.offsets[s + 1]; ++t)
      positions[t] = batch.ids[t] == model.config.pad_id ? first - 1 : next++;
  }
  return positions;
}

Part part_of(const RaggedBatch& batch, const Buffers& buffers, std::int64_t chunk,
             std::size_t threads, std::size_t rank) {
  Part part;
  part.tokens = share_of(static_cast<std::int64_t>(batch.tokens()), rank, threads);
  part.sequences = share_of(static_cast<std::int64_t>(batch.sequences()), rank, threads);
  const std::int64_t first_row = static_cast<std::int64_t>(rank) * chunk;
  part.attended = buffers.attended.rows_from(first_row, chunk);
  part.inner = buffers.inner.rows_from(first_row, chunk);
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

void embed(const Model& model, const Pass& pass) {
  const std::int64_t begin = pass.part.tokens.begin;
  const std::int64_t rows = pass.part.tokens.size();
  const auto slice = [&](const auto& values) {
    return std::span(values).subspan(static_cast<std::size_t>(begin),
                                     static_cast<std::size_t>(rows));
  };
  const Matrix embedded = pass.buffers.embedded.rows_from(begin, rows);
  model.backend.embed(model.tables,
                      {slice(pass.batch.ids), slice(pass.positions), slice(pass.batch.type_ids)},
                      embedded);
  model.backend.layer_norm(model.embedding_norm, embedded);
  if (model.projection)
    model.backend.linear(*model.projection, embedded, Activation::kIdentity, nullptr,
                         pass.buffers.hidden.rows_from(begin, rows));
}

void attend(const Model& model, const Layer& layer, Share heads,
            std::span<const std::int32_t> queries, std::span<const std::int32_t> keys,
            ConstMatrix q, Matrix qkv, Matrix context) {
  const std::int64_t head_size = model.config.hidden / model.config.heads;
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(head_size)));
  const bool exact = layer.query.weight->exact();
  const auto columns = [&](const auto& matrix) {
    return matrix.columns(heads.begin * head_size, heads.size() * head_size);
  };
  model.backend.attention({heads.size(), scale, exact, queries, keys}, columns(q),
                          columns(third(qkv, 1)), columns(third(qkv, 2)), columns(context));
}

}  // namespace valence::post_norm
