// Threads take outputs of a product each and meet behind it, because the next one reads them all.
#include "model/post_norm_by_outputs.h"

#include <algorithm>
#include <array>
#include <span>

namespace valence::post_norm {
namespace {

Share outputs_of(const Pass& pass, const Linear& weights) {
  const std::int64_t count = weights.weight->out();
  const Share panels =
      share_of((count + kOutputPanel - 1) / kOutputPanel, pass.rank, pass.team.size());
  return {panels.begin * kOutputPanel, std::min(panels.end * kOutputPanel, count)};
}

// Each thread computes some of the outputs, and returns once all are there.
void share_linear(const Model& model, const Pass& pass, const Linear& weights, ConstMatrix x,
                  Activation activation, const ConstMatrix* residual, Matrix out) {
  const Share outputs = outputs_of(pass, weights);
  if (outputs.size() > 0) model.backend.linear_part(weights, outputs, x, activation, residual, out);
  pass.team.barrier();
}

void share_linears(const Model& model, const Pass& pass, std::span<const Linear* const> layers,
                   ConstMatrix x, Matrix out) {
  const Share outputs = outputs_of(pass, *layers[0]);
  if (outputs.size() > 0) model.backend.linears_part(layers, outputs, x, out);
  pass.team.barrier();
}

// By each thread for itself: cheaper than to wait for one that does it.
void normalize_copy(const Model& model, const LayerNorm& norm, ConstMatrix from, Matrix to) {
  for (std::int64_t r = 0; r < to.rows; ++r) std::copy_n(from.row(r), to.cols, to.row(r));
  model.backend.layer_norm(norm, to);
}

// From queries to the layer's output for the rows of x, each thread having some of the heads and
// outputs. Returns the thread's copy of all.
ConstMatrix answer(const Model& model, const Pass& pass, const Layer& layer,
                   std::span<const std::int32_t> queries, ConstMatrix q, Matrix qkv, ConstMatrix x,
                   Matrix context) {
  const Share heads = share_of(model.config.heads, pass.rank, pass.team.size());
  if (heads.size() > 0) attend(model, layer, heads, queries, pass.batch.offsets, q, qkv, context);
  pass.team.barrier();
  const auto rank = static_cast<std::int64_t>(pass.rank);
  const Matrix attended = pass.buffers.attended.rows_from(0, x.rows);
  const Matrix hidden = pass.buffers.hidden.rows_from(0, x.rows);
  const Matrix inner = pass.buffers.inner.rows_from(0, x.rows);
  const Matrix copy = pass.buffers.copies.rows_from(rank * x.rows, x.rows);
  share_linear(model, pass, layer.attention_output, context, Activation::kIdentity, &x, attended);
  normalize_copy(model, layer.attention_norm, attended, copy);
  const ConstMatrix rest = copy;
  share_linear(model, pass, layer.up, rest, model.config.activation, nullptr, inner);
  share_linear(model, pass, layer.down, inner, Activation::kIdentity, &rest, hidden);
  normalize_copy(model, layer.output_norm, hidden, copy);
  return copy;
}

}  // namespace

void forward_by_outputs(const Model& model, const Pass& pass, Matrix out) {
  embed(model, pass);
  pass.team.barrier();
  ConstMatrix x = pass.buffers.hidden;
  const std::size_t last = model.layers() - 1;
  const Matrix qkv = pass.buffers.qkv[0];
  for (std::size_t i = 0; i < last; ++i) {
    const Layer& layer = model.layer(i);
    share_linears(model, pass, std::array{&layer.query, &layer.key, &layer.value}, x, qkv);
    const Matrix queries = third(qkv, 0);
    x = answer(model, pass, layer, pass.batch.offsets, queries, qkv, x, queries);
  }
  const Layer& layer = model.layer(last);
  share_linears(model, pass, std::array{&layer.key, &layer.value}, x, keys_and_values(qkv));
  finish_by_outputs(model, pass, x, qkv, out);
}

// Of the last layer the head reads the first row only.
void finish_by_outputs(const Model& model, const Pass& pass, ConstMatrix x, Matrix qkv,
                       Matrix out) {
  const Layer& layer = model.layer(model.layers() - 1);
  const ConstMatrix first = x.rows_from(0, 1);
  const Matrix query = pass.buffers.query;
  share_linears(model, pass, std::array{&layer.query}, first, query);
  const std::array<std::int32_t, 2> one{0, 1};
  const ConstMatrix answered =
      answer(model, pass, layer, one, query, qkv, first, pass.buffers.first_context);
  const Matrix pooled = pass.buffers.pooled;
  share_linear(model, pass, model.pooler, answered, model.config.head_activation, nullptr, pooled);
  if (pass.rank == 0)
    model.backend.linear(model.classifier, pooled, Activation::kIdentity, nullptr, out);
}

}  // namespace valence::post_norm
