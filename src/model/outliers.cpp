#include "model/outliers.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>

#include "text/tokenizer.h"

namespace valence {
namespace {

constexpr std::size_t kTexts = 32;
constexpr std::size_t kTokens = 48;
constexpr std::size_t kInputsForACopy = 96;  // copies cost a hundredth of the products' time
constexpr std::size_t kGroup = 4;            // columns that the kernels take at once
constexpr float kWorthwhile = 1.5F;          // so much less range, or it is not done

// The largest magnitudes of a matrix's inputs, summed over its calls.
struct Inputs {
  const std::byte* tensor = nullptr;
  std::vector<float> sums;

  void observe(ConstMatrix x) {
    sums.resize(static_cast<std::size_t>(x.cols));
    for (std::int64_t c = 0; c < x.cols; ++c) {
      float largest = 0;
      for (std::int64_t r = 0; r < x.rows; ++r) largest = std::max(largest, std::abs(x.row(r)[c]));
      sums[static_cast<std::size_t>(c)] += largest;
    }
  }
};

// Computes as another backend does, and looks at what goes into the products of the layers. For one
// thread.
class Observer : public Backend {
 public:
  explicit Observer(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {}

  const std::map<const WeightMatrix*, Inputs>& inputs() const { return inputs_; }

  std::string_view name() const override { return backend_->name(); }
  std::unique_ptr<const WeightMatrix> load_table(const Tensor& tensor) const override {
    return backend_->load_table(tensor);
  }
  std::unique_ptr<const WeightMatrix> load_matrix(const Tensor& tensor) const override {
    return backend_->load_matrix(tensor);
  }
  std::unique_ptr<const WeightMatrix> load_layer_matrix(const Tensor& tensor) const override {
    auto matrix = backend_->load_layer_matrix(tensor);
    inputs_[matrix.get()].tensor = tensor.data.data();
    return matrix;
  }
  WeightVector load_vector(const Tensor& tensor) const override {
    return backend_->load_vector(tensor);
  }
  std::unique_ptr<Workspace> make_workspace() const override { return backend_->make_workspace(); }

  void embed(const Embeddings& tables, const EmbeddingInput& input, Matrix out) const override {
    backend_->embed(tables, input, out);
  }
  void linear_part(const Linear& layer, Share outputs, ConstMatrix x, Activation activation,
                   const ConstMatrix* residual, Matrix out) const override {
    observe(layer, x);
    backend_->linear_part(layer, outputs, x, activation, residual, out);
  }
  void linears_part(std::span<const Linear* const> layers, Share outputs, ConstMatrix x,
                    Matrix out) const override {
    for (const Linear* layer : layers) observe(*layer, x);
    backend_->linears_part(layers, outputs, x, out);
  }
  void layer_norm(const LayerNorm& norm, Matrix x) const override { backend_->layer_norm(norm, x); }
  void attention(const AttentionShape& shape, ConstMatrix q, ConstMatrix k, ConstMatrix v,
                 Matrix out) const override {
    backend_->attention(shape, q, k, v, out);
  }
  void gather_rows(ConstMatrix x, std::span<const std::int32_t> rows, Matrix out) const override {
    backend_->gather_rows(x, rows, out);
  }

 private:
  void observe(const Linear& layer, ConstMatrix x) const {
    const auto found = inputs_.find(layer.weight.get());
    if (found != inputs_.end()) found->second.observe(x);
  }

  std::unique_ptr<Backend> backend_;
  mutable std::map<const WeightMatrix*, Inputs> inputs_;
};

bool fits(const Encoding& text, const NetworkShape& shape) {
  const auto below = [](const auto& values, std::int64_t limit) {
    return std::all_of(values.begin(), values.end(), [&](auto value) { return value < limit; });
  };
  return static_cast<std::int64_t>(text.size()) <= shape.window &&
         below(text.ids, shape.vocabulary) &&
         (shape.token_types == 0 || below(text.type_ids, shape.token_types));
}

// Tokens at random, between the special tokens of a text where the model has these.
RaggedBatch made_up_text(const Tokenizer& tokenizer, const NetworkShape& shape,
                         std::mt19937& random) {
  const auto window = static_cast<std::size_t>(shape.window);
  const std::size_t special = tokenizer.special_count();
  Encoding tokens;
  const std::size_t count = std::min(kTokens, window > special ? window - special : window);
  for (std::size_t i = 0; i < count; ++i)
    tokens.ids.push_back(
        static_cast<std::int32_t>(random() % static_cast<std::uint_fast32_t>(shape.vocabulary)));
  tokens.offsets.resize(count);
  tokens.type_ids.resize(count);
  Encoding text = tokenizer.with_specials(tokens, 0, count);
  if (!fits(text, shape)) text = std::move(tokens);
  RaggedBatch batch;
  batch.append(text.ids, text.type_ids);
  return batch;
}

void run_made_up_texts(const Network& network, const Tokenizer& tokenizer, Workspace& workspace) {
  std::mt19937 random(1);  // its numbers are the same everywhere
  std::vector<float> logits(static_cast<std::size_t>(network.shape().labels));
  for (std::size_t i = 0; i < kTexts; ++i)
    network.logits(made_up_text(tokenizer, network.shape(), random),
                   {logits.data(), 1, network.shape().labels}, workspace, nullptr);
}

}  // namespace

std::vector<std::int32_t> choose_outliers(const std::vector<float>& magnitudes,
                                          std::size_t copies) {
  if (magnitudes.empty()) return {};
  std::vector<float> left = magnitudes;
  std::vector<float> parts(magnitudes.size(), 1);
  std::vector<std::int32_t> chosen;
  for (std::size_t i = 0; i < copies; ++i) {
    const auto largest = std::max_element(left.begin(), left.end()) - left.begin();
    chosen.push_back(static_cast<std::int32_t>(largest));
    left[largest] = magnitudes[largest] / ++parts[largest];
  }
  const float before = *std::max_element(magnitudes.begin(), magnitudes.end());
  const float after = *std::max_element(left.begin(), left.end());
  if (!(before > kWorthwhile * after)) return {};
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::map<std::string, std::vector<std::int32_t>> find_outliers(const Architecture& architecture,
                                                               const ModelFile& file,
                                                               const Weights& weights) {
  const Observer observer(make_backend("cpu", Precision::kFp32));
  const auto network = architecture.load(config_of(file), weights, observer);
  run_made_up_texts(*network, Tokenizer(file.tokenizer), *observer.make_workspace());
  std::map<const std::byte*, const Inputs*> by_tensor;
  for (const auto& [matrix, inputs] : observer.inputs()) by_tensor[inputs.tensor] = &inputs;
  std::map<std::string, std::vector<std::int32_t>> outliers;
  for (const auto& [name, entry] : weights.entries()) {
    const auto found = by_tensor.find(entry.tensor.data.data());
    if (found == by_tensor.end() || !name.ends_with(".weight")) continue;
    const std::vector<float>& sums = found->second->sums;
    const std::size_t copies = sums.size() / kInputsForACopy / kGroup * kGroup;
    const std::vector<std::int32_t> chosen = choose_outliers(sums, copies);
    if (!chosen.empty()) outliers[name] = chosen;
  }
  return outliers;
}

}  // namespace valence
