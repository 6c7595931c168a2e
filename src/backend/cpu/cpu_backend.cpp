#include "backend/cpu/cpu_backend.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "backend/cpu/file_matrix.h"
#include "backend/cpu/int8_matrix.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/scratch.h"
#include "base/decode.h"

namespace valence {
namespace cpu {
namespace {

const FileMatrix& table(const WeightMatrix& matrix) {
  return static_cast<const FileMatrix&>(matrix);
}

void add(const float* from, std::span<float> to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

class CpuWorkspace : public Workspace {
 public:
  Matrix buffer(std::size_t slot, std::int64_t rows, std::int64_t cols) override {
    std::byte* bytes = slots_[slot].grow(static_cast<std::size_t>(rows * cols) * sizeof(float));
    return {reinterpret_cast<float*>(bytes), rows, cols};
  }

 private:
  std::map<std::size_t, AlignedBytes> slots_;
};

class CpuBackend : public Backend {
 public:
  explicit CpuBackend(Precision precision) : kernels_(choose_kernels()), precision_(precision) {}

  std::string_view name() const override { return "cpu"; }

  std::unique_ptr<const WeightMatrix> load_matrix(const Tensor& tensor) const override {
    return std::make_unique<FileMatrix>(kernels_, tensor);
  }
  std::unique_ptr<const WeightMatrix> load_layer_matrix(const Tensor& tensor) const override {
    const bool int8 = precision_ == Precision::kInt8 ||
                      (precision_ == Precision::kAuto && tensor.type == DType::kQ8_0);
    auto matrix = std::make_unique<FileMatrix>(kernels_, tensor);
    if (int8) return std::make_unique<Int8Matrix>(kernels_, *matrix);
    return matrix;
  }
  WeightVector load_vector(const Tensor& tensor) const override { return decode_all(tensor); }
  std::unique_ptr<Workspace> make_workspace() const override {
    return std::make_unique<CpuWorkspace>();
  }

  void embed(const Embeddings& tables, const EmbeddingInput& input, Matrix out) const override {
    for (std::int64_t t = 0; t < out.rows; ++t) {
      std::fill_n(out.row(t), out.cols, 0.0F);
      add_row(*tables.tokens, input.ids[t], out.row_span(t));
      if (tables.positions && input.positions[t] >= 0)
        add_row(*tables.positions, input.positions[t], out.row_span(t));
      if (tables.types) add_row(*tables.types, input.types[t], out.row_span(t));
    }
  }

  void linear(const Linear& layer, ConstMatrix x, Activation activation,
              const ConstMatrix* residual, Matrix out) const override {
    assert(x.cols == layer.weight->in() && out.cols == layer.weight->out() && x.rows == out.rows);
    static_cast<const ProductMatrix&>(*layer.weight)
        .multiply(x, layer.bias.empty() ? nullptr : layer.bias.data(), out);
    for (std::int64_t r = 0; r < out.rows; ++r) {
      kernels_.activate(activation, out.row_span(r));
      if (residual != nullptr) add(residual->row(r), out.row_span(r));
    }
  }

  void layer_norm(const LayerNorm& norm, Matrix x) const override {
    for (std::int64_t r = 0; r < x.rows; ++r)
      kernels_.layer_norm(x.row_span(r), norm.weight.data(), norm.bias.data(), norm.epsilon);
  }

  void attention(const AttentionShape& shape, ConstMatrix q, ConstMatrix k, ConstMatrix v,
                 Matrix out) const override {
    const std::int64_t size = q.cols / shape.heads;
    for (std::size_t s = 0; s + 1 < shape.keys.size(); ++s) {
      const std::int64_t queries = shape.queries[s + 1] - shape.queries[s];
      const std::int64_t keys = shape.keys[s + 1] - shape.keys[s];
      const std::span<float> scratch =
          thread_scratch<float>(Scratch::kAttention, attention_scratch(keys, size));
      for (std::int64_t h = 0; h < shape.heads; ++h)
        kernels_.attend(q.rows_from(shape.queries[s], queries).columns(h * size, size),
                        k.rows_from(shape.keys[s], keys).columns(h * size, size),
                        v.rows_from(shape.keys[s], keys).columns(h * size, size), shape.scale,
                        scratch.data(),
                        out.rows_from(shape.queries[s], queries).columns(h * size, size));
    }
  }

  void gather_rows(ConstMatrix x, std::span<const std::int32_t> rows, Matrix out) const override {
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::copy_n(x.row(rows[i]), x.cols, out.row(static_cast<std::int64_t>(i)));
  }

 private:
  static void add_row(const WeightMatrix& matrix, std::int64_t index, std::span<float> out) {
    add(table(matrix).row(index, thread_scratch<float>(Scratch::kDecoded, matrix.in())), out);
  }

  const Kernels& kernels_;
  Precision precision_;
};

}  // namespace
}  // namespace cpu

std::unique_ptr<Backend> make_cpu_backend(Precision precision) {
  return std::make_unique<cpu::CpuBackend>(precision);
}

}  // namespace valence
