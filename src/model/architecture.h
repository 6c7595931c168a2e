// The seam for architectures: one file and one row of kArchitectures each.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "backend/backend.h"
#include "base/json.h"
#include "format/model_file.h"
#include "model/network.h"
#include "model/post_norm_config.h"
#include "model/weights.h"

namespace valence {

// A tensor's name without ".weight" or ".bias". Ours is llama.cpp's where it has one.
struct NamePair {
  std::string_view ours;
  std::string_view hugging_face;
};

struct Architecture {
  std::string_view model_type;  // as config.json spells it; also the name people see
  std::string_view class_name;  // "BertForSequenceClassification"
  // Tensors outside the layers, and those of one layer: "attn_q" stands for "blk.N.attn_q" with us
  // and for hf_layer_prefix(config, N) + hugging_face there.
  std::span<const NamePair> model_names;
  std::span<const NamePair> layer_names;
  std::string (*hf_layer_prefix)(const JsonRef& config, std::int64_t layer);
  std::int64_t (*stored_layers)(const JsonRef& config);  // how many have weights of their own
  // Rows of the Hugging Face position table before the one of the first token.
  std::int64_t (*hf_position_offset)(const JsonRef& config);
  // The encoder's shape, where it is of BERT's kind: what training builds its own network from.
  PostNormConfig (*post_norm)(const JsonRef& config);
  std::unique_ptr<Network> (*load)(const JsonRef& config, const Weights& weights,
                                   const Backend& backend);
};

// The architecture of a model file's config. Throws Error(kUnsupported) for one that is not known
// or that is no classifier.
const Architecture& find_architecture(const ModelFile& file);

// Its config with the path that error messages show.
JsonRef config_of(const ModelFile& file);

// The file's tensors under our names.
Weights find_weights(const Architecture& architecture, const ModelFile& file);

}  // namespace valence
