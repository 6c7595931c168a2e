#include "backend/reference/reference_backend.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <numbers>
#include <vector>

#include "base/decode.h"

namespace valence {
namespace {

class ReferenceMatrix : public WeightMatrix {
 public:
  explicit ReferenceMatrix(const Tensor& tensor)
      : WeightMatrix(tensor.shape.at(0), tensor.shape.at(1)), values_(decode_all(tensor)) {}

  const float* row(std::int64_t index) const { return values_.data() + index * in(); }

 private:
  std::vector<float> values_;
};

const ReferenceMatrix& own(const WeightMatrix& matrix) {
  return static_cast<const ReferenceMatrix&>(matrix);
}

class ReferenceWorkspace : public Workspace {
 public:
  Matrix buffer(std::size_t slot, std::int64_t rows, std::int64_t cols) override {
    std::vector<float>& memory = slots_[slot];
    memory.resize(static_cast<std::size_t>(rows * cols));
    return {memory.data(), rows, cols};
  }

 private:
  std::map<std::size_t, std::vector<float>> slots_;
};

double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::kIdentity:
      return x;
    case Activation::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
    case Activation::kGeluTanh: {
      const double inner = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
      return 0.5 * x * (1 + std::tanh(inner));
    }
    case Activation::kQuickGelu:
      return x / (1 + std::exp(-1.702 * x));
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

double dot(const float* a, const float* b, std::int64_t size) {
  double sum = 0;
  for (std::int64_t i = 0; i < size; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

// One query row of one head against the keys and values of its sequence.
void attend(const float* query, ConstMatrix keys, ConstMatrix values, float scale, float* out) {
  std::vector<double> weights(static_cast<std::size_t>(keys.rows));
  double largest = -INFINITY;
  for (std::int64_t j = 0; j < keys.rows; ++j) {
    weights[j] = scale * dot(query, keys.row(j), keys.cols);
    largest = std::max(largest, weights[j]);
  }
  double sum = 0;
  for (double& weight : weights) sum += weight = std::exp(weight - largest);
  for (std::int64_t c = 0; c < values.cols; ++c) {
    double mean = 0;
    for (std::int64_t j = 0; j < values.rows; ++j) mean += weights[j] / sum * values.row(j)[c];
    out[c] = static_cast<float>(mean);
  }
}

class ReferenceBackend : public Backend {
 public:
  std::string_view name() const override { return "reference"; }

  std::unique_ptr<const WeightMatrix> load_table(const Tensor& tensor) const override {
    return load_matrix(tensor);
  }
  std::unique_ptr<const WeightMatrix> load_matrix(const Tensor& tensor) const override {
    return std::make_unique<ReferenceMatrix>(tensor);
  }
  std::unique_ptr<const WeightMatrix> load_layer_matrix(const Tensor& tensor) const override {
    return load_matrix(tensor);
  }
  WeightVector load_vector(const Tensor& tensor) const override { return decode_all(tensor); }
  std::unique_ptr<Workspace> make_workspace() const override {
    return std::make_unique<ReferenceWorkspace>();
  }

  void embed(const Embeddings& tables, const EmbeddingInput& input, Matrix out) const override {
    for (std::int64_t t = 0; t < out.rows; ++t) {
      const float* token = own(*tables.tokens).row(input.ids[t]);
      std::copy_n(token, out.cols, out.row(t));
      if (tables.positions && input.positions[t] >= 0)
        add(own(*tables.positions).row(input.positions[t]), out.row_span(t));
      if (tables.types) add(own(*tables.types).row(input.types[t]), out.row_span(t));
    }
  }

  void linear_part(const Linear& layer, Share outputs, ConstMatrix x, Activation activation,
                   const ConstMatrix* residual, Matrix out) const override {
    assert(x.cols == layer.weight->in() && out.cols == layer.weight->out());
    const ReferenceMatrix& weight = own(*layer.weight);
    for (std::int64_t r = 0; r < x.rows; ++r) {
      for (std::int64_t n = outputs.begin; n < outputs.end; ++n) {
        const double bias = layer.bias.empty() ? 0 : layer.bias[n];
        double value = activate(activation, dot(x.row(r), weight.row(n), x.cols) + bias);
        if (residual != nullptr) value += residual->row(r)[n];
        out.row(r)[n] = static_cast<float>(value);
      }
    }
  }

  void linears_part(std::span<const Linear* const> layers, Share outputs, ConstMatrix x,
                    Matrix out) const override {
    std::int64_t column = 0;
    for (const Linear* layer : layers) {
      linear_part(*layer, outputs_within(outputs, *layer), x, Activation::kIdentity, nullptr,
                  out.columns(column, layer->weight->out()));
      column += layer->weight->out();
    }
  }

  void layer_norm(const LayerNorm& norm, Matrix x) const override {
    for (std::int64_t r = 0; r < x.rows; ++r) {
      double mean = 0;
      for (const float value : x.row_span(r)) mean += value;
      mean /= static_cast<double>(x.cols);
      double variance = 0;
      for (const float value : x.row_span(r)) variance += (value - mean) * (value - mean);
      variance /= static_cast<double>(x.cols);
      const double factor = 1 / std::sqrt(variance + norm.epsilon);
      for (std::int64_t c = 0; c < x.cols; ++c)
        x.row(r)[c] =
            static_cast<float>((x.row(r)[c] - mean) * factor * norm.weight[c] + norm.bias[c]);
    }
  }

  void attention(const AttentionShape& shape, ConstMatrix q, ConstMatrix k, ConstMatrix v,
                 Matrix out) const override {
    const std::int64_t size = q.cols / shape.heads;
    for (std::size_t s = 0; s + 1 < shape.keys.size(); ++s) {
      const std::int64_t begin = shape.keys[s];
      const std::int64_t length = shape.keys[s + 1] - begin;
      for (std::int64_t h = 0; h < shape.heads; ++h) {
        const ConstMatrix keys = k.rows_from(begin, length).columns(h * size, size);
        const ConstMatrix values = v.rows_from(begin, length).columns(h * size, size);
        for (std::int64_t r = shape.queries[s]; r < shape.queries[s + 1]; ++r)
          attend(q.row(r) + h * size, keys, values, shape.scale, out.row(r) + h * size);
      }
    }
  }

  void gather_rows(ConstMatrix x, std::span<const std::int32_t> rows, Matrix out) const override {
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::copy_n(x.row(rows[i]), x.cols, out.row(static_cast<std::int64_t>(i)));
  }

 private:
  static void add(const float* from, std::span<float> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  }
};

}  // namespace

std::unique_ptr<Backend> make_reference_backend(Precision /*precision*/) {
  return std::make_unique<ReferenceBackend>();
}

}  // namespace valence
