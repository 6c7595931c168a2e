#include "backend/cpu/cpu_backend.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <functional>
#include <map>
#include <vector>

#include "backend/cpu/cpu_matrix.h"
#include "backend/cpu/kernels.h"
#include "base/decode.h"

namespace valence {
namespace cpu {
namespace {

constexpr std::int64_t kRowBlock = 128;   // rows of x that stay in the second-level cache meanwhile
constexpr std::int64_t kQueryBlock = 12;  // rows of the attention's score matrix in flight
constexpr std::int64_t kWorthSharing =
    1 << 17;  // multiplications below which waking a thread costs more than it saves

// A scratch buffer of the calling thread; `which` keeps two buffers of one function apart.
std::span<float> thread_scratch(std::size_t which, std::int64_t size) {
  thread_local std::array<std::vector<float>, 2> buffers;
  std::vector<float>& buffer = buffers.at(which);
  if (buffer.size() < static_cast<std::size_t>(size)) buffer.resize(static_cast<std::size_t>(size));
  return std::span(buffer).first(static_cast<std::size_t>(size));
}

const CpuMatrix& own(const WeightMatrix& matrix) {
  return static_cast<const CpuMatrix&>(matrix);
}

class CpuWorkspace : public Workspace {
 public:
  using Workspace::Workspace;

  Matrix buffer(std::size_t slot, std::int64_t rows, std::int64_t cols) override {
    std::vector<float>& memory = slots_[slot];
    const auto size = static_cast<std::size_t>(rows * cols);
    if (memory.size() < size) memory.resize(size);
    return {memory.data(), rows, cols};
  }

 private:
  std::map<std::size_t, std::vector<float>> slots_;
};

// Cuts [0, count) into pieces of a multiple of `grain` and runs them over the pool, or all at once
// where that does not pay.
void share_out(ThreadPool* pool, std::int64_t count, std::int64_t grain, std::int64_t work,
               const std::function<void(std::int64_t begin, std::int64_t end)>& body) {
  const std::int64_t threads = pool == nullptr ? 1 : static_cast<std::int64_t>(pool->threads());
  const std::int64_t pieces =
      std::min({threads, (count + grain - 1) / grain, work / kWorthSharing + 1});
  if (pieces <= 1) return body(0, count);
  const std::int64_t grains = (count + grain - 1) / grain;
  pool->for_each(static_cast<std::size_t>(pieces), [&](std::size_t piece) {
    const auto index = static_cast<std::int64_t>(piece);
    const std::int64_t begin = grains * index / pieces * grain;
    const std::int64_t end = std::min(count, grains * (index + 1) / pieces * grain);
    body(begin, end);
  });
}

class CpuBackend : public Backend {
 public:
  CpuBackend() : kernels_(choose_kernels()) {}

  std::string_view name() const override { return "cpu"; }

  std::unique_ptr<const WeightMatrix> load_matrix(const Tensor& tensor) const override {
    return std::make_unique<CpuMatrix>(kernels_, tensor);
  }
  WeightVector load_vector(const Tensor& tensor) const override { return decode_all(tensor); }
  std::unique_ptr<Workspace> make_workspace(ThreadPool* pool) const override {
    return std::make_unique<CpuWorkspace>(pool);
  }

  void embed(const Embeddings& tables, const EmbeddingInput& input, Matrix out,
             Workspace& workspace) const override {
    share_out(workspace.pool(), out.rows, 1, out.rows * out.cols,
              [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t t = begin; t < end; ++t) {
                  std::fill_n(out.row(t), out.cols, 0.0F);
                  add_row(*tables.tokens, input.ids[t], out.row_span(t));
                  if (tables.positions && input.positions[t] >= 0)
                    add_row(*tables.positions, input.positions[t], out.row_span(t));
                  if (tables.types) add_row(*tables.types, input.types[t], out.row_span(t));
                }
              });
  }

  void linear(const Linear& layer, ConstMatrix x, Activation activation,
              const ConstMatrix* residual, Matrix out, Workspace& workspace) const override {
    assert(x.cols == layer.weight->in() && out.cols == layer.weight->out() && x.rows == out.rows);
    share_out(workspace.pool(), out.cols, kBlock, x.rows * x.cols * out.cols,
              [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t r = 0; r < x.rows; r += kRowBlock) {
                  const std::int64_t rows = std::min(kRowBlock, x.rows - r);
                  const Matrix part = out.rows_from(r, rows).columns(begin, end - begin);
                  multiply(own(*layer.weight), begin, x.rows_from(r, rows), part);
                  if (residual == nullptr) {
                    finish(layer.bias, begin, activation, nullptr, part);
                  } else {
                    const ConstMatrix rest = residual->rows_from(r, rows).columns(begin, part.cols);
                    finish(layer.bias, begin, activation, &rest, part);
                  }
                }
              });
  }

  void layer_norm(const LayerNorm& norm, Matrix x, Workspace& workspace) const override {
    share_out(
        workspace.pool(), x.rows, 1, x.rows * x.cols, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t r = begin; r < end; ++r)
            kernels_.layer_norm(x.row_span(r), norm.weight.data(), norm.bias.data(), norm.epsilon);
        });
  }

  void attention(const AttentionShape& shape, ConstMatrix q, ConstMatrix k, ConstMatrix v,
                 Matrix out, Workspace& workspace) const override {
    const std::int64_t size = q.cols / shape.heads;
    const auto sequences = static_cast<std::int64_t>(shape.keys.size()) - 1;
    const std::int64_t mean_length = sequences == 0 ? 0 : k.rows / sequences;
    const auto one_head = [&](std::int64_t index) {
      const std::int64_t s = index / shape.heads;
      const std::int64_t column = index % shape.heads * size;
      const std::int64_t queries = shape.queries[s + 1] - shape.queries[s];
      const std::int64_t keys = shape.keys[s + 1] - shape.keys[s];
      attend(q.rows_from(shape.queries[s], queries).columns(column, size),
             k.rows_from(shape.keys[s], keys).columns(column, size),
             v.rows_from(shape.keys[s], keys).columns(column, size), shape.scale,
             out.rows_from(shape.queries[s], queries).columns(column, size));
    };
    share_out(workspace.pool(), sequences * shape.heads, 1, 2 * q.rows * mean_length * q.cols,
              [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t index = begin; index < end; ++index) one_head(index);
              });
  }

  void gather_rows(ConstMatrix x, std::span<const std::int32_t> rows, Matrix out,
                   Workspace& /*workspace*/) const override {
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::copy_n(x.row(rows[i]), x.cols, out.row(static_cast<std::int64_t>(i)));
  }

 private:
  static void add_row(const WeightMatrix& table, std::int64_t index, std::span<float> out) {
    const float* values = own(table).row(index, thread_scratch(0, table.in()));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += values[i];
  }

  // out = x times the weight rows [first, first + out.cols), transposed.
  void multiply(const CpuMatrix& weight, std::int64_t first, ConstMatrix x, Matrix out) const {
    const std::span<float> scratch = thread_scratch(0, kBlock * x.cols);
    const auto size = static_cast<std::size_t>(x.cols);
    std::array<const float*, kBlock> rows{};
    for (std::int64_t n = 0; n < out.cols; n += kBlock) {
      const std::int64_t count = std::min(kBlock, out.cols - n);
      for (std::int64_t c = 0; c < count; ++c)
        rows[c] =
            weight.row(first + n + c, scratch.subspan(static_cast<std::size_t>(c) * size, size));
      kernels_.dot_block(x, rows.data(), count, out.columns(n, count));
    }
  }

  void finish(const WeightVector& bias, std::int64_t first, Activation activation,
              const ConstMatrix* residual, Matrix out) const {
    for (std::int64_t r = 0; r < out.rows; ++r) {
      const std::span<float> row = out.row_span(r);
      if (!bias.empty()) add(bias.data() + first, row);
      kernels_.activate(activation, row);
      if (residual != nullptr) add(residual->row(r), row);
    }
  }

  static void add(const float* from, std::span<float> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  }

  // One head of one sequence, a few query rows at a time so that their scores stay in the
  // first-level cache.
  void attend(ConstMatrix q, ConstMatrix k, ConstMatrix v, float scale, Matrix out) const {
    const std::span<float> memory = thread_scratch(1, kQueryBlock * k.rows);
    std::array<const float*, kBlock> keys{};
    for (std::int64_t r = 0; r < q.rows; r += kQueryBlock) {
      const std::int64_t rows = std::min(kQueryBlock, q.rows - r);
      const Matrix scores(memory.data(), rows, k.rows);
      for (std::int64_t j = 0; j < k.rows; j += kBlock) {
        const std::int64_t count = std::min(kBlock, k.rows - j);
        for (std::int64_t c = 0; c < count; ++c) keys[c] = k.row(j + c);
        kernels_.dot_block(q.rows_from(r, rows), keys.data(), count, scores.columns(j, count));
      }
      for (std::int64_t i = 0; i < rows; ++i) kernels_.softmax(scale, scores.row_span(i));
      kernels_.weighted_sum(scores, v, out.rows_from(r, rows));
    }
  }

  const Kernels& kernels_;
};

}  // namespace
}  // namespace cpu

std::unique_ptr<Backend> make_cpu_backend() {
  return std::make_unique<cpu::CpuBackend>();
}

}  // namespace valence
