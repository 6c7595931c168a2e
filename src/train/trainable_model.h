// BERT's kind of classifier as a function of its parameters, for libtorch's autograd. The same
// network as model/post_norm_encoder.h, over padded batches and with dropout.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>

#include "train/base_model.h"
#include "train/train_options.h"

namespace valence::train {

// All [sequences, longest]; `mask` is true where there is a token.
struct TokenBatch {
  torch::Tensor ids, types, mask;
};

class TrainableModel {
 public:
  using Parameters = std::map<std::string, torch::Tensor, std::less<>>;  // under our names

  struct Options {
    std::int64_t labels = 0;
    bool fresh_head = false;  // the last layer starts from random weights even if there is one
    std::int64_t freeze_layers = 0;  // TrainOptions
    std::optional<double> dropout;
    Precision precision = Precision::kFp32;  // not kAuto
    std::uint64_t seed = 1;  // of fresh weights: normal(0, initializer_range), biases 0
    torch::Device device = torch::kCPU;
  };

  // Throws Error(kCorrupt) where tensors of the encoder are missing or have another shape.
  TrainableModel(const BaseModel& base, const Options& options);

  // [sequences, labels], F32. Dropout only where `training`.
  torch::Tensor logits(const TokenBatch& batch, bool training) const;

  const Parameters& parameters() const { return parameters_; }
  Parameters& parameters() { return parameters_; }
  std::int64_t window() const { return window_; }  // longest sequence, special tokens included
  std::int64_t vocabulary() const;
  torch::Device device() const { return device_; }
  const std::vector<std::string>& fresh() const {
    return fresh_;
  }  // parameters that were made anew

 private:
  void load_all(const BaseModel& base, const Options& options);
  torch::Tensor embed(const TokenBatch& batch, bool training) const;
  torch::Tensor attend(const std::string& layer, const torch::Tensor& x,
                       const torch::Tensor& asking, const torch::Tensor& bias, bool training) const;
  torch::Tensor apply(std::int64_t index, const torch::Tensor& x, const torch::Tensor& bias,
                      bool last, bool training) const;
  torch::Tensor head(const torch::Tensor& first, bool training) const;

  const torch::Tensor& at(const std::string& name) const { return parameters_.find(name)->second; }
  torch::Tensor dense(const std::string& name, const torch::Tensor& x) const;
  torch::Tensor norm(const std::string& name, const torch::Tensor& x) const;
  torch::Tensor activate(Activation activation, const torch::Tensor& x) const;

  PostNormConfig shape_;
  Precision precision_;
  torch::Device device_;
  std::int64_t first_position_ = 0;
  std::int64_t window_ = 0;
  Parameters parameters_;
  std::vector<std::string> fresh_;
};

}  // namespace valence::train
