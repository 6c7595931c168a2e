#include "engine/model_info.h"

#include <algorithm>
#include <cstdio>
#include <map>

namespace valence {
namespace {

std::string megabytes(std::size_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

// "Q8_0 24.0 MB, F32 0.9 MB", the largest share first.
std::string share_by_type(const Weights& weights) {
  std::map<std::string, std::size_t> bytes;
  for (const auto& [name, entry] : weights.entries())
    bytes[std::string(name_of(entry.tensor.type))] += entry.tensor.data.size();
  std::vector<std::pair<std::size_t, std::string>> order;
  order.reserve(bytes.size());
  for (const auto& [type, size] : bytes) order.emplace_back(size, type);
  std::sort(order.rbegin(), order.rend());
  std::string text;
  for (const auto& [size, type] : order)
    text += (text.empty() ? "" : ", ") + type + " " + megabytes(size);
  return text;
}

std::size_t usable_window(const ModelFile& file, const Network& network,
                          const Tokenizer& tokenizer) {
  const NetworkShape& shape = network.shape();
  const Encoding empty = tokenizer.with_specials(Encoding{}, 0, 0);
  for (const std::int32_t id : empty.ids)
    if (id >= shape.vocabulary)
      throw Error(ErrorCode::kCorrupt,
                  file.path + ": the tokenizer's special token " + std::to_string(id) +
                      " has no embedding among the model's " + std::to_string(shape.vocabulary) +
                      "; they do not belong together");
  const std::int64_t types =
      empty.type_ids.empty() ? 0 : *std::max_element(empty.type_ids.begin(), empty.type_ids.end());
  if (shape.token_types > 0 && types >= shape.token_types)
    throw Error(ErrorCode::kCorrupt, file.path + ": the tokenizer gives token type " +
                                         std::to_string(types) + ", but the model has " +
                                         std::to_string(shape.token_types) + " types");
  auto window = static_cast<std::size_t>(shape.window);
  if (file.max_length != 0) window = std::min(window, file.max_length);
  if (window <= tokenizer.special_count())
    throw Error(ErrorCode::kCorrupt, file.path + ": a window of " + std::to_string(window) +
                                         " tokens has no room for text beside " +
                                         std::to_string(tokenizer.special_count()) +
                                         " special tokens");
  return window;
}

}  // namespace

ModelInfo describe_model(const ModelFile& file, const Architecture& architecture,
                         const Weights& weights, const Network& network, const LabelSet& labels,
                         const Tokenizer& tokenizer) {
  ModelInfo info;
  info.path = file.path;
  info.format = file.format;
  info.architecture = architecture.model_type;
  info.tokenizer = JsonRef(file.tokenizer.pipeline, file.path + ": tokenizer")
                       .at("model")
                       .string_or("type", "WordPiece");
  info.vocabulary = tokenizer.vocabulary_size();
  info.problem_type = labels.problem_type;
  info.function = labels.function;
  info.labels = labels.names;
  info.temperature = labels.calibration.temperature;
  info.thresholds = labels.calibration.thresholds;
  for (const auto& [name, entry] : weights.entries()) {
    info.parameters += static_cast<std::size_t>(entry.tensor.count());
    info.weight_bytes += entry.tensor.data.size();
  }
  info.weight_types = share_by_type(weights);
  info.window = usable_window(file, network, tokenizer);
  info.layers = static_cast<std::size_t>(network.shape().layers);
  info.hidden_size = static_cast<std::size_t>(network.shape().hidden);
  info.heads = static_cast<std::size_t>(network.shape().heads);
  info.notes = file.notes;
  return info;
}

}  // namespace valence
