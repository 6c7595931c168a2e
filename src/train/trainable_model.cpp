#include "train/trainable_model.h"

#include <torch/nn/functional.h>

#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "base/decode.h"
#include "valence/error.h"

namespace valence::train {
namespace {

// Takes the parameters out of a model file; makes those of the head that are not there.
class Loader {
 public:
  Loader(const BaseModel& base, const TrainableModel::Options& options,
         TrainableModel::Parameters& parameters, std::vector<std::string>& fresh)
      : weights_(find_weights(*base.architecture, base.file)),
        options_(options),
        range_(base.file.config.value("initializer_range", 0.02)),
        parameters_(parameters),
        fresh_(fresh) {
    torch::manual_seed(options.seed);
  }

  const Weights& weights() const { return weights_; }

  void take(const std::string& name, std::initializer_list<std::int64_t> shape) {
    const Tensor& stored = weights_.get(name, shape);
    std::vector<float> values = decode_all(stored);
    add(name, torch::from_blob(values.data(), stored.shape, torch::kFloat32).clone());
  }

  void take_dense(const std::string& name, std::int64_t out, std::int64_t in) {
    take(name + ".weight", {out, in});
    take(name + ".bias", {out});
  }

  void make_dense(const std::string& name, std::int64_t out, std::int64_t in) {
    add(name + ".weight", torch::randn({out, in}) * range_);
    add(name + ".bias", torch::zeros({out}));
    fresh_.push_back(name + ".weight");
    fresh_.push_back(name + ".bias");
  }

  void take_or_make_dense(const std::string& name, std::int64_t out, std::int64_t in,
                          bool make_anew) {
    if (make_anew || !weights_.has(name + ".weight"))
      make_dense(name, out, in);
    else
      take_dense(name, out, in);
  }

 private:
  void add(const std::string& name, const torch::Tensor& values) {
    parameters_.emplace(name, values.to(options_.device).set_requires_grad(true));
  }

  Weights weights_;
  const TrainableModel::Options& options_;
  double range_;
  TrainableModel::Parameters& parameters_;
  std::vector<std::string>& fresh_;
};

std::string layer_name(std::int64_t layer) {
  return "blk." + std::to_string(layer) + ".";
}

torch::Tensor drop(const torch::Tensor& x, double rate, bool training) {
  return training && rate > 0 ? torch::dropout(x, rate, true) : x;
}

DropoutRates all_at(double rate, const DropoutRates& given) {
  const auto where = [rate](double before) { return before > 0 ? rate : 0; };
  return {
      rate, rate, where(given.attention_output), where(given.feed_forward), where(given.head_input),
      rate};
}

}  // namespace

TrainableModel::TrainableModel(const BaseModel& base, const Options& options)
    : shape_(base.shape), precision_(options.precision), device_(options.device) {
  if (options.dropout) shape_.dropout = all_at(*options.dropout, base.shape.dropout);
  first_position_ = base.architecture->hf_position_offset(config_of(base.file));
  load_all(base, options);
  window_ = at("position_embd.weight").size(0) - first_position_;
}

void TrainableModel::load_all(const BaseModel& base, const Options& options) {
  Loader loader(base, options, parameters_, fresh_);
  const std::int64_t hidden = shape_.hidden;
  loader.take("token_embd.weight", {-1, shape_.embedding});
  loader.take("position_embd.weight", {-1, shape_.embedding});
  // Files of other formats lack the rows before the first token's: they are no token's.
  torch::Tensor& positions = parameters_.at("position_embd.weight");
  if (const std::int64_t rows = first_position_ - loader.weights().position_offset(); rows > 0)
    positions = torch::cat({torch::zeros({rows, shape_.embedding}, positions.options()),
                            positions.detach()})
                    .set_requires_grad(true);
  if (shape_.has_token_types) loader.take("token_types.weight", {-1, shape_.embedding});
  const auto take_norm = [&](const std::string& name, std::int64_t size) {
    loader.take(name + ".weight", {size});
    loader.take(name + ".bias", {size});
  };
  take_norm("token_embd_norm", shape_.embedding);
  if (loader.weights().has("token_embd_proj.weight") || shape_.embedding != hidden)
    loader.take_dense("token_embd_proj", hidden, shape_.embedding);
  const std::set<std::int64_t> stored(shape_.layer_order.begin(), shape_.layer_order.end());
  for (const std::int64_t index : stored) {
    const std::string layer = layer_name(index);
    for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"})
      loader.take_dense(layer + name, hidden, hidden);
    take_norm(layer + "attn_output_norm", hidden);
    loader.take_dense(layer + "ffn_up", shape_.intermediate, hidden);
    loader.take_dense(layer + "ffn_down", hidden, shape_.intermediate);
    take_norm(layer + "layer_output_norm", hidden);
  }
  loader.take_or_make_dense("cls", hidden, hidden, false);
  loader.take_or_make_dense("cls.output", options.labels, hidden, options.fresh_head);
  if (options.freeze_layers == 0) return;
  for (auto& [name, tensor] : parameters_) {
    if (name.starts_with("cls")) continue;
    const bool layer = name.starts_with("blk.");
    if (!layer || options.freeze_layers < 0 || std::stoll(name.substr(4)) < options.freeze_layers)
      tensor.set_requires_grad(false);
  }
}

std::int64_t TrainableModel::vocabulary() const {
  return at("token_embd.weight").size(0);
}

torch::Tensor TrainableModel::dense(const std::string& name, const torch::Tensor& x) const {
  const torch::Tensor& weight = at(name + ".weight");
  const torch::Tensor& bias = at(name + ".bias");
  if (precision_ == Precision::kFp32) return torch::linear(x, weight, bias);
  return torch::linear(x.to(torch::kBFloat16), weight.to(torch::kBFloat16),
                       bias.to(torch::kBFloat16));
}

torch::Tensor TrainableModel::norm(const std::string& name, const torch::Tensor& x) const {
  const torch::Tensor& weight = at(name + ".weight");
  return torch::layer_norm(x.to(torch::kFloat32), {weight.size(0)}, weight, at(name + ".bias"),
                           shape_.epsilon);
}

torch::Tensor TrainableModel::activate(Activation activation, const torch::Tensor& x) const {
  switch (activation) {
    case Activation::kIdentity:
      return x;
    case Activation::kGelu:
      return torch::gelu(x);
    case Activation::kGeluTanh:
      return torch::gelu(x, "tanh");
    case Activation::kQuickGelu:
      return x * torch::sigmoid(1.702 * x);
    case Activation::kRelu:
      return torch::relu(x);
    case Activation::kSilu:
      return torch::silu(x);
    case Activation::kTanh:
      return torch::tanh(x);
    case Activation::kSigmoid:
      return torch::sigmoid(x);
  }
  return x;
}

torch::Tensor TrainableModel::embed(const TokenBatch& batch, bool training) const {
  // Counted over the tokens that are not padding, as RoBERTa does; with a rising count for all.
  torch::Tensor counted = batch.mask;
  if (shape_.pad_id) counted = counted.logical_and(batch.ids.ne(*shape_.pad_id));
  const torch::Tensor positions =
      torch::where(counted, counted.to(torch::kInt64).cumsum(1) - 1 + first_position_,
                   torch::full_like(batch.ids, std::max<std::int64_t>(0, first_position_ - 1)));
  torch::Tensor x = torch::embedding(at("token_embd.weight"), batch.ids) +
                    torch::embedding(at("position_embd.weight"), positions);
  if (shape_.has_token_types) x = x + torch::embedding(at("token_types.weight"), batch.types);
  x = drop(norm("token_embd_norm", x), shape_.dropout.embedding, training);
  return parameters_.contains("token_embd_proj.weight") ? dense("token_embd_proj", x) : x;
}

// The context rows for `asking`, the rows of `x` that need one.
torch::Tensor TrainableModel::attend(const std::string& layer, const torch::Tensor& x,
                                     const torch::Tensor& asking, const torch::Tensor& bias,
                                     bool training) const {
  const std::int64_t size = shape_.hidden / shape_.heads;
  const auto split = [&](const torch::Tensor& rows) {
    return rows.view({rows.size(0), rows.size(1), shape_.heads, size}).transpose(1, 2);
  };
  const torch::Tensor q = split(dense(layer + "attn_q", asking));
  const torch::Tensor k = split(dense(layer + "attn_k", x));
  const torch::Tensor v = split(dense(layer + "attn_v", x));
  const torch::Tensor products =
      torch::matmul(q * (1 / std::sqrt(static_cast<double>(size))), k.transpose(2, 3));
  torch::Tensor shares = torch::softmax(products.to(torch::kFloat32) + bias, -1);
  shares = drop(shares, shape_.dropout.attention, training);
  const torch::Tensor context = torch::matmul(shares.to(v.scalar_type()), v).transpose(1, 2);
  return context.reshape({asking.size(0), asking.size(1), shape_.hidden});
}

// The last layer answers for the first token only: that is all the head reads.
torch::Tensor TrainableModel::apply(std::int64_t index, const torch::Tensor& x,
                                    const torch::Tensor& bias, bool last, bool training) const {
  const std::string layer = layer_name(index);
  const torch::Tensor asking = last ? x.narrow(1, 0, 1) : x;
  const torch::Tensor context = attend(layer, x, asking, bias, training);
  const torch::Tensor attended =
      norm(layer + "attn_output_norm", asking + drop(dense(layer + "attn_output", context),
                                                     shape_.dropout.attention_output, training));
  const torch::Tensor inner = activate(shape_.activation, dense(layer + "ffn_up", attended));
  return norm(layer + "layer_output_norm", attended + drop(dense(layer + "ffn_down", inner),
                                                           shape_.dropout.feed_forward, training));
}

torch::Tensor TrainableModel::head(const torch::Tensor& first, bool training) const {
  const torch::Tensor input = drop(first, shape_.dropout.head_input, training);
  const torch::Tensor pooled = activate(shape_.head_activation, dense("cls", input));
  const torch::Tensor kept = drop(pooled.to(torch::kFloat32), shape_.dropout.classifier, training);
  return torch::linear(kept, at("cls.output.weight"), at("cls.output.bias"));
}

torch::Tensor TrainableModel::logits(const TokenBatch& batch, bool training) const {
  const torch::Tensor bias = torch::zeros({batch.mask.size(0), 1, 1, batch.mask.size(1)},
                                          torch::TensorOptions(torch::kFloat32).device(device_))
                                 .masked_fill_(batch.mask.logical_not().unsqueeze(1).unsqueeze(1),
                                               std::numeric_limits<float>::lowest());
  torch::Tensor x = embed(batch, training);
  for (std::size_t i = 0; i < shape_.layer_order.size(); ++i)
    x = apply(shape_.layer_order[i], x, bias, i + 1 == shape_.layer_order.size(), training);
  return head(x.select(1, 0), training);
}

}  // namespace valence::train
