#include "backend/cpu/cpu_backend.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "backend/cpu/kernels.h"
#include "backend/cpu/packed_matrix.h"
#include "backend/cpu/scratch.h"
#include "backend/cpu/table.h"
#include "backend/cpu/weight_memory.h"
#include "base/decode.h"

namespace valence {
namespace cpu {
namespace {

const PackedMatrix& packed(const Linear& layer) {
  return static_cast<const PackedMatrix&>(*layer.weight);
}

// What the layers of a file are multiplied in.
Format layer_format(Precision precision, DType type) {
  switch (precision) {
    case Precision::kInt8:
      return Format::kInt8;
    case Precision::kBf16:
      return Format::kBf16;
    case Precision::kFp32:
      return Format::kF32;
    case Precision::kAuto:
      break;
  }
  return type == DType::kQ8_0 ? Format::kInt8 : Format::kF32;
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

  std::unique_ptr<const WeightMatrix> load_table(const Tensor& tensor) const override {
    return std::make_unique<Table>(kernels_, tensor);
  }
  std::unique_ptr<const WeightMatrix> load_matrix(const Tensor& tensor) const override {
    return load(tensor, Format::kF32);
  }
  std::unique_ptr<const WeightMatrix> load_layer_matrix(const Tensor& tensor) const override {
    return load(tensor, layer_format(precision_, tensor.type));
  }
  WeightVector load_vector(const Tensor& tensor) const override { return decode_all(tensor); }
  std::unique_ptr<Workspace> make_workspace() const override {
    return std::make_unique<CpuWorkspace>();
  }

  void embed(const Embeddings& tables, const EmbeddingInput& input, Matrix out) const override {
    constexpr std::int64_t kAhead = 2;
    const auto& tokens = static_cast<const Table&>(*tables.tokens);
    for (std::int64_t t = 0; t < std::min(kAhead, out.rows); ++t) tokens.prefetch(input.ids[t]);
    for (std::int64_t t = 0; t < out.rows; ++t) {
      if (t + kAhead < out.rows) tokens.prefetch(input.ids[t + kAhead]);
      std::fill_n(out.row(t), out.cols, 0.0F);
      add_row(*tables.tokens, input.ids[t], out.row_span(t));
      if (tables.positions && input.positions[t] >= 0)
        add_row(*tables.positions, input.positions[t], out.row_span(t));
      if (tables.types) add_row(*tables.types, input.types[t], out.row_span(t));
    }
  }

  void linear_part(const Linear& layer, Share outputs, ConstMatrix x, Activation activation,
                   const ConstMatrix* residual, Matrix out) const override {
    assert(x.cols == layer.weight->in() && out.cols == layer.weight->out() && x.rows == out.rows);
    Addends addends = bias_of(layer);
    if (residual != nullptr && activation == Activation::kIdentity) {
      addends.residual = residual->data;
      addends.stride = residual->stride;
    }
    packed(layer).multiply(packed(layer).pack(x), addends, outputs, out);
    if (activation == Activation::kIdentity) return;
    const Matrix part = out.columns(outputs.begin, outputs.size());
    // What a layer in int8 gives is an input of the next one, and rounded to bytes there.
    const bool coarse = packed(layer).format() == Format::kInt8;
    const auto activate = coarse ? kernels_.activate_coarsely : kernels_.activate;
    for (std::int64_t r = 0; r < part.rows; ++r) {
      activate(activation, part.row_span(r));
      if (residual != nullptr) add(residual->row(r) + outputs.begin, part.row_span(r));
    }
  }

  void linears_part(std::span<const Linear* const> layers, Share outputs, ConstMatrix x,
                    Matrix out) const override {
    PackedRows rows;
    std::int64_t column = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const PackedMatrix& weight = packed(*layers[i]);
      if (i == 0 || !weight.packs_like(packed(*layers[i - 1]))) rows = weight.pack(x);
      weight.multiply(rows, bias_of(*layers[i]), outputs_within(outputs, *layers[i]),
                      out.columns(column, weight.out()));
      column += weight.out();
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
      const bool halves = !shape.exact && keys >= kernels_.bf16_keys;
      const Attend attend = halves ? kernels_.attend_bf16 : kernels_.attend;
      const std::span<float> scratch =
          thread_scratch<float>(Scratch::kAttention, attention_scratch(keys, size));
      for (std::int64_t h = 0; h < shape.heads; ++h)
        attend(q.rows_from(shape.queries[s], queries).columns(h * size, size),
               k.rows_from(shape.keys[s], keys).columns(h * size, size),
               v.rows_from(shape.keys[s], keys).columns(h * size, size), shape.scale,
               scratch.data(), out.rows_from(shape.queries[s], queries).columns(h * size, size));
    }
  }

  void gather_rows(ConstMatrix x, std::span<const std::int32_t> rows, Matrix out) const override {
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::copy_n(x.row(rows[i]), x.cols, out.row(static_cast<std::int64_t>(i)));
  }

 private:
  std::unique_ptr<const WeightMatrix> load(const Tensor& tensor, Format format) const {
    return std::make_unique<PackedMatrix>(kernels_, format, Table(kernels_, tensor),
                                          tensor.outliers, memory_);
  }

  static Addends bias_of(const Linear& layer) {
    return {layer.bias.empty() ? nullptr : layer.bias.data(), nullptr, 0};
  }

  static void add_row(const WeightMatrix& matrix, std::int64_t index, std::span<float> out) {
    const std::span<float> scratch = thread_scratch<float>(Scratch::kDecoded, matrix.in());
    add(static_cast<const Table&>(matrix).row(index, scratch), out);
  }

  const Kernels& kernels_;
  Precision precision_;
  mutable WeightMemory memory_;
};

}  // namespace
}  // namespace cpu

std::unique_ptr<Backend> make_cpu_backend(Precision precision) {
  return std::make_unique<cpu::CpuBackend>(precision);
}

}  // namespace valence
