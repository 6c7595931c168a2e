// Threads carry their tokens through the layers in chunks, and meet once a layer.
#include "model/post_norm_by_rows.h"

#include <array>
#include <numeric>
#include <span>
#include <vector>

#include "model/post_norm_by_outputs.h"

namespace valence::post_norm {
namespace {

// Calls body(begin, rows) for pieces of about equal size, none larger than the part's chunk.
template <typename Body>
void for_each_chunk(Share share, const Part& part, Body body) {
  const std::int64_t most = part.inner.rows;
  const auto chunks = static_cast<std::size_t>((share.size() + most - 1) / most);
  for (std::size_t i = 0; i < chunks; ++i) {
    const Share chunk = share_of(share.size(), i, chunks);
    body(share.begin + chunk.begin, chunk.size());
  }
}

// Queries, keys and values of the thread's tokens.
void project(const Model& model, const Pass& pass, const Layer& layer, Matrix qkv) {
  for_each_chunk(pass.part.tokens, pass.part, [&](std::int64_t begin, std::int64_t rows) {
    const ConstMatrix x = pass.buffers.hidden.rows_from(begin, rows);
    model.backend.linears(std::array{&layer.query, &layer.key, &layer.value}, x,
                          qkv.rows_from(begin, rows));
  });
}

// From the context to the layer's output, over a chunk of rows. `out` may be `x`.
void finish(const Model& model, const Layer& layer, ConstMatrix context, ConstMatrix x,
            Matrix attended, Matrix inner, Matrix out) {
  const Backend& backend = model.backend;
  backend.linear(layer.attention_output, context, Activation::kIdentity, &x, attended);
  backend.layer_norm(layer.attention_norm, attended);
  const ConstMatrix rest = attended;
  backend.linear(layer.up, attended, model.config.activation, nullptr, inner);
  backend.linear(layer.down, inner, Activation::kIdentity, &rest, out);
  backend.layer_norm(layer.output_norm, out);
}

// The rest of a layer for the thread's tokens.
void answer(const Model& model, const Pass& pass, const Layer& layer, Matrix qkv) {
  const Part& part = pass.part;
  const Matrix queries = third(qkv, 0);
  const Matrix own = queries.rows_from(part.tokens.begin, part.tokens.size());
  attend(model, layer, {0, model.config.heads}, part.queries, part.keys, own, qkv, own);
  for_each_chunk(part.tokens, part, [&](std::int64_t begin, std::int64_t rows) {
    const Matrix hidden = pass.buffers.hidden.rows_from(begin, rows);
    finish(model, layer, queries.rows_from(begin, rows), hidden, part.attended.rows_from(0, rows),
           part.inner.rows_from(0, rows), hidden);
  });
}

// The last layer answers for the first token of each sequence only, because that is all the head
// reads: it has keys and values of every token, the rest for one row a sequence.
void project_keys(const Model& model, const Pass& pass, const Layer& layer, Matrix qkv) {
  for_each_chunk(pass.part.tokens, pass.part, [&](std::int64_t begin, std::int64_t rows) {
    const ConstMatrix x = pass.buffers.hidden.rows_from(begin, rows);
    model.backend.linears(std::array{&layer.key, &layer.value}, x,
                          keys_and_values(qkv).rows_from(begin, rows));
  });
}

void answer_first(const Model& model, const Pass& pass, const Layer& layer, Matrix qkv) {
  const Part& part = pass.part;
  const std::span<const std::int32_t> offsets(pass.batch.offsets);
  for_each_chunk(part.sequences, part, [&](std::int64_t begin, std::int64_t rows) {
    const auto at = [&](Matrix all) { return all.rows_from(begin, rows); };
    const Matrix first = at(pass.buffers.first);
    const std::span<const std::int32_t> keys =
        offsets.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(rows) + 1);
    model.backend.gather_rows(pass.buffers.hidden, keys.first(static_cast<std::size_t>(rows)),
                              first);
    // One query a sequence: these rows of the buffers are free now, and nobody else's.
    const Matrix query = at(pass.buffers.query);
    model.backend.linear(layer.query, first, Activation::kIdentity, nullptr, query);
    std::vector<std::int32_t> one_each(keys.size());
    std::iota(one_each.begin(), one_each.end(), 0);
    const Matrix context = at(pass.buffers.first_context);
    attend(model, layer, {0, model.config.heads}, one_each, keys, query, qkv, context);
    finish(model, layer, context, first, query, part.inner.rows_from(0, rows), first);
  });
}

void classify(const Model& model, const Pass& pass, Matrix out) {
  const Share share = pass.part.sequences;
  const Matrix pooled = pass.buffers.pooled.rows_from(share.begin, share.size());
  model.backend.linear(model.pooler, pass.buffers.first.rows_from(share.begin, share.size()),
                       model.config.head_activation, nullptr, pooled);
  model.backend.linear(model.classifier, pooled, Activation::kIdentity, nullptr,
                       out.rows_from(share.begin, share.size()));
}

}  // namespace

void forward_by_rows(const Model& model, const Pass& pass, Matrix out) {
  embed(model, pass);
  const std::size_t last = model.layers() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    const Layer& layer = model.layer(i);
    const Matrix qkv = pass.buffers.qkv[i % 2];
    project(model, pass, layer, qkv);
    pass.team.barrier();  // attention reads rows of other threads
    answer(model, pass, layer, qkv);
  }
  const Layer& layer = model.layer(last);
  const Matrix qkv = pass.buffers.qkv[last % 2];
  project_keys(model, pass, layer, qkv);
  pass.team.barrier();
  if (pass.batch.sequences() == 1 && pass.team.size() > 1) {
    // One row is left: there the time goes by reading weights.
    finish_by_outputs(model, pass, pass.buffers.hidden, qkv, out);
  } else {
    answer_first(model, pass, layer, qkv);
    classify(model, pass, out);
  }
}

}  // namespace valence::post_norm
