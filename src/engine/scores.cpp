#include "engine/scores.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

namespace valence {
namespace {

std::size_t id_of(const JsonRef& id2label, const std::string& key, std::size_t count) {
  std::size_t id = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (error != std::errc() || end != key.data() + key.size() || id >= count)
    throw Error(ErrorCode::kCorrupt, id2label.path() + ": \"" + key +
                                         "\" is not one of the ids 0 to " +
                                         std::to_string(count - 1) + " of the classifier");
  return id;
}

std::vector<std::string> read_names(const JsonRef& config, std::size_t count) {
  std::vector<std::string> names(count);
  for (std::size_t i = 0; i < count; ++i) names[i] = "LABEL_" + std::to_string(i);
  const auto id2label = config.find("id2label");
  if (!id2label) return names;
  if (!id2label->is_object() || id2label->size() != count)
    throw Error(ErrorCode::kCorrupt, id2label->path() + ": expected names for " +
                                         std::to_string(count) + " classes, found " +
                                         std::to_string(id2label->size()));
  for (const auto& [key, value] : id2label->raw().items()) {
    const JsonRef name = id2label->at(key);
    names[id_of(*id2label, key, count)] = name.is_number() ? value.dump() : name.string();
  }
  return names;
}

// The order of these rules is the pipeline's.
ScoreFunction default_function(const JsonRef& config, const std::string& problem_type,
                               std::size_t count) {
  if (problem_type == "regression") return ScoreFunction::kNone;
  if (problem_type == "multi_label_classification" || count == 1) return ScoreFunction::kSigmoid;
  if (problem_type.empty() || problem_type == "single_label_classification")
    return ScoreFunction::kSoftmax;
  throw Error(ErrorCode::kUnsupported, config.path() + "/problem_type: \"" + problem_type +
                                           "\" is not known; it is regression, "
                                           "single_label_classification or "
                                           "multi_label_classification");
}

Calibration read_calibration(const JsonRef& config, std::size_t count) {
  Calibration calibration;
  const auto member = config.find("valence_calibration");
  if (!member) return calibration;
  if (!member->is_object()) member->fail("expected an object");
  calibration.temperature = member->number_or("temperature", 1);
  // As a float, because scores are computed in floats.
  const auto as_float = static_cast<float>(calibration.temperature);
  if (!std::isnormal(as_float) || as_float < 0)
    member->at("temperature").fail("expected a finite number above 0");
  const auto thresholds = member->find("thresholds");
  if (!thresholds) return calibration;
  if (!thresholds->is_array() || thresholds->size() != count)
    thresholds->fail("expected a list of " + std::to_string(count) + " numbers, one a label");
  for (std::size_t i = 0; i < count; ++i) {
    const auto threshold = static_cast<float>(thresholds->at(i).number());
    if (!(threshold > 0 && threshold < 1))
      thresholds->at(i).fail("expected a number between 0 and 1");
    calibration.thresholds.push_back(threshold);
  }
  return calibration;
}

}  // namespace

LabelSet read_labels(const JsonRef& config, std::size_t count) {
  LabelSet labels;
  labels.names = read_names(config, count);
  labels.problem_type = config.string_or("problem_type", "");
  labels.function = default_function(config, labels.problem_type, count);
  if (labels.problem_type.empty())
    labels.problem_type = count == 1 ? "multi_label_classification" : "single_label_classification";
  labels.calibration = read_calibration(config, count);
  return labels;
}

void apply_function(ScoreFunction function, std::span<float> logits, double temperature) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  if (function != ScoreFunction::kNone && temperature != 1)
    for (float& value : logits)
      value = static_cast<float>(std::clamp(value / temperature, -kLargest, kLargest));
  if (function == ScoreFunction::kSigmoid) {
    for (float& value : logits) value = 1 / (1 + std::exp(-value));
  } else if (function == ScoreFunction::kSoftmax) {
    const float largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (float& value : logits) sum += value = std::exp(value - largest);
    for (float& value : logits) value = static_cast<float>(value / sum);
  }
}

std::vector<LabelScore> rank(std::span<const float> scores, const LabelSet& labels,
                             std::size_t top_k) {
  std::vector<std::int32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int32_t a, std::int32_t b) { return scores[a] > scores[b]; });
  if (top_k != 0 && top_k < order.size()) order.resize(top_k);
  std::vector<LabelScore> ranked;
  ranked.reserve(order.size());
  for (const std::int32_t id : order) ranked.push_back({id, labels.names[id], scores[id]});
  return ranked;
}

void mark_chosen(std::span<LabelScore> ranked, const LabelSet& labels, ScoreFunction function,
                 std::span<const float> thresholds) {
  const bool several =
      labels.problem_type == "multi_label_classification" && function == ScoreFunction::kSigmoid;
  if (!several) {
    if (!ranked.empty()) ranked.front().chosen = true;
    return;
  }
  for (LabelScore& entry : ranked)
    entry.chosen = entry.score >= (thresholds.empty() ? 0.5F : thresholds[entry.id]);
}

}  // namespace valence
