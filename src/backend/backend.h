// The contract between models and the hardware they run on: a dozen operations over ragged batches.
//
// A model is written once against this class. Activations are float matrices in the backend's own
// memory; how weights are kept (as they lie in the file, packed, quantized, on a device) is the
// backend's affair, chosen when a weight is loaded.
//
// An operation runs on the thread that calls it. Threads share a pass by taking rows each: what an
// operation gives for a row never depends on the rows beside it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/activation.h"
#include "base/matrix.h"
#include "base/team.h"
#include "base/tensor.h"
#include "valence/precision.h"

namespace valence {

// A weight matrix [out, in] as the backend keeps it. Immutable; shared by all threads. The Tensor's
// bytes must outlive it.
class WeightMatrix {
 public:
  virtual ~WeightMatrix() = default;
  WeightMatrix(const WeightMatrix&) = delete;
  WeightMatrix& operator=(const WeightMatrix&) = delete;

  std::int64_t out() const { return out_; }
  std::int64_t in() const { return in_; }
  // Whether its products are those of single precision; else factors are rounded further.
  bool exact() const { return exact_; }

 protected:
  WeightMatrix(std::int64_t out, std::int64_t in, bool exact = true)
      : out_(out), in_(in), exact_(exact) {}

 private:
  std::int64_t out_;
  std::int64_t in_;
  bool exact_;
};

// A vector of floats in the backend's memory: biases and norms.
using WeightVector = std::vector<float>;

// y = x W^T + b; the bias may be empty.
struct Linear {
  std::unique_ptr<const WeightMatrix> weight;
  WeightVector bias;
};

struct LayerNorm {
  WeightVector weight;
  WeightVector bias;
  float epsilon = 0;
};

// Mutable memory of one pass through a model.
class Workspace {
 public:
  Workspace() = default;
  virtual ~Workspace() = default;
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // Buffer number `slot`, grown to rows x cols; its content is undefined after growth. Valid until
  // the slot is asked for again. Not thread-safe: buffers are taken before threads share the work.
  virtual Matrix buffer(std::size_t slot, std::int64_t rows, std::int64_t cols) = 0;
};

// The rows that are summed into a token's embedding. `positions` and `types` may be null.
struct Embeddings {
  std::unique_ptr<const WeightMatrix> tokens;
  std::unique_ptr<const WeightMatrix> positions;
  std::unique_ptr<const WeightMatrix> types;
};

struct EmbeddingInput {
  std::span<const std::int32_t> ids;        // 0 <= id < tokens->out()
  std::span<const std::int32_t> positions;  // below positions->out(); -1: no position is added
  std::span<const std::uint8_t> types;      // below types->out()
};

struct AttentionShape {
  std::int64_t heads;
  float scale;  // applied to q.k before the softmax
  bool exact;   // in single precision; else factors may be rounded to bfloat16
  // Sequence s asks with rows [queries[s], queries[s + 1]) of q about rows [keys[s], keys[s + 1])
  // of k and v. The two are the same, or there are fewer queries where only some rows of the answer
  // are wanted. Neither needs to start with 0: both may be a part of a batch's.
  std::span<const std::int32_t> queries;
  std::span<const std::int32_t> keys;
};

// Outputs that are not shared among threads.
inline constexpr std::int64_t kOutputPanel = 64;

// Those of `outputs` that a layer has.
inline Share outputs_within(Share outputs, const Linear& layer) {
  return {std::min(outputs.begin, layer.weight->out()), std::min(outputs.end, layer.weight->out())};
}

// All operations are const and thread-safe as long as outputs are not shared. Shapes are the
// caller's duty: they were checked when the model was loaded, and are asserted here. Outputs may be
// column slices of wider matrices (stride > cols).
class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string_view name() const = 0;

  // `tensor` is two-dimensional. A table is for embed(). A matrix has the tensor's own values: for
  // heads, whose answers are the model's. A layer's matrix is kept and multiplied as Precision
  // says. What was loaded must not outlive the backend.
  virtual std::unique_ptr<const WeightMatrix> load_table(const Tensor& tensor) const = 0;
  virtual std::unique_ptr<const WeightMatrix> load_matrix(const Tensor& tensor) const = 0;
  virtual std::unique_ptr<const WeightMatrix> load_layer_matrix(const Tensor& tensor) const = 0;
  virtual WeightVector load_vector(const Tensor& tensor) const = 0;
  virtual std::unique_ptr<Workspace> make_workspace() const = 0;

  // out[t] = tokens[ids[t]] + positions[positions[t]] + types[types[t]]
  virtual void embed(const Embeddings& tables, const EmbeddingInput& input, Matrix out) const = 0;

  // out = activation(x W^T + b) (+ residual). `residual` may be null. `out` is neither x nor the
  // residual.
  void linear(const Linear& layer, ConstMatrix x, Activation activation,
              const ConstMatrix* residual, Matrix out) const {
    linear_part(layer, {0, layer.weight->out()}, x, activation, residual, out);
  }

  // The same for some of the outputs: these columns of `out` are written, with the same bits.
  // outputs.begin is a multiple of kOutputPanel.
  virtual void linear_part(const Linear& layer, Share outputs, ConstMatrix x, Activation activation,
                           const ConstMatrix* residual, Matrix out) const = 0;

  // The products of several layers with the same x, side by side in `out`.
  void linears(std::span<const Linear* const> layers, ConstMatrix x, Matrix out) const {
    linears_part(layers, {0, std::numeric_limits<std::int64_t>::max()}, x, out);
  }

  // The same for some of each layer's outputs, as far as it has them.
  virtual void linears_part(std::span<const Linear* const> layers, Share outputs, ConstMatrix x,
                            Matrix out) const = 0;

  // Each row of x: (x - mean) / sqrt(variance + epsilon) * weight + bias, in place.
  virtual void layer_norm(const LayerNorm& norm, Matrix x) const = 0;

  // Each sequence s and head h: out = softmax(scale * q k^T) v over the rows of s and the columns
  // of h. `out` may be q.
  virtual void attention(const AttentionShape& shape, ConstMatrix q, ConstMatrix k, ConstMatrix v,
                         Matrix out) const = 0;

  // out row i = x row rows[i].
  virtual void gather_rows(ConstMatrix x, std::span<const std::int32_t> rows, Matrix out) const = 0;
};

// A backend by name from the table kBackends ("cpu", "reference"). Throws Error(kInvalidArgument)
// listing the names.
std::unique_ptr<Backend> make_backend(std::string_view name,
                                      Precision precision = Precision::kAuto);

}  // namespace valence
