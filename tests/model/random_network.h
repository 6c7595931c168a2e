// An encoder with random weights, for tests and benches that need a shape and no meaning.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "model/post_norm_encoder.h"

namespace valence {

struct RandomShape {
  std::int64_t layers, hidden, embedding, heads, vocabulary, window;
};

// The weights are the same each time. The backend must outlive it.
class RandomNetwork {
 public:
  static constexpr std::int64_t kLabels = 3;

  RandomNetwork(const RandomShape& shape, const Backend& backend) : weights_("random") {
    PostNormConfig config;
    config.hidden = shape.hidden;
    config.embedding = shape.embedding;
    config.heads = shape.heads;
    config.intermediate = 4 * shape.hidden;
    config.layer_order = layers_in_order(shape.layers);
    add("token_embd.weight", {shape.vocabulary, shape.embedding});
    add("position_embd.weight", {shape.window, shape.embedding});
    add("token_types.weight", {2, shape.embedding});
    add_norm("token_embd_norm", shape.embedding);
    if (shape.embedding != shape.hidden)
      add_linear("token_embd_proj", shape.hidden, shape.embedding);
    for (std::int64_t i = 0; i < shape.layers; ++i)
      add_layer("blk." + std::to_string(i) + ".", shape.hidden);
    add_linear("cls", shape.hidden, shape.hidden);
    add_linear("cls.output", kLabels, shape.hidden);
    network_ = load_post_norm_encoder(config, weights_, backend);
  }

  const Network& network() const { return *network_; }

 private:
  void add_layer(const std::string& prefix, std::int64_t hidden) {
    for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"})
      add_linear(prefix + name, hidden, hidden);
    add_norm(prefix + "attn_output_norm", hidden);
    add_linear(prefix + "ffn_up", 4 * hidden, hidden);
    add_linear(prefix + "ffn_down", hidden, 4 * hidden);
    add_norm(prefix + "layer_output_norm", hidden);
  }
  void add(const std::string& name, std::vector<std::int64_t> shape, float centre = 0) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    std::vector<float>& values = storage_.emplace_back(static_cast<std::size_t>(count));
    for (float& value : values)
      value = centre + 0.05F * (static_cast<float>(engine_() >> 8) / 8388608.0F - 1);
    Tensor tensor;
    tensor.shape = std::move(shape);
    tensor.data = std::as_bytes(std::span(values));
    weights_.add(name, {tensor, name});
  }
  void add_linear(const std::string& name, std::int64_t out, std::int64_t in) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }
  void add_norm(const std::string& name, std::int64_t size) {
    add(name + ".weight", {size}, 1);
    add(name + ".bias", {size});
  }

  std::minstd_rand engine_;
  std::deque<std::vector<float>> storage_;
  Weights weights_;
  std::unique_ptr<Network> network_;
};

}  // namespace valence
