#include "engine/steps.h"

#include <algorithm>
#include <future>
#include <utility>

#include "base/ragged_batch.h"
#include "engine/model_info.h"
#include "engine/pair.h"

namespace valence {
namespace {

std::unique_ptr<const Tokenizer> make_tokenizer(const ModelFile& source) {
  try {
    return std::make_unique<Tokenizer>(source.tokenizer);
  } catch (const Error& error) {
    throw Error(error.code(), source.path + ": " + error.what());
  }
}

std::string too_long(std::size_t length, std::size_t window) {
  return "the text has " + std::to_string(length) + " tokens, the model takes " +
         std::to_string(window);
}

// Runs `step`; an Error that it throws is the text's own fault, and becomes the answer.
template <typename Step>
PreparedText guarded(Step step) {
  try {
    return step();
  } catch (const Error& error) {
    PreparedText text;
    text.error = error.what();
    return text;
  }
}

}  // namespace

double weight_of(const Window& window) {
  return window.end == window.begin ? 1 : static_cast<double>(window.end - window.begin);
}

Steps::Steps(const ModelFile& source, const LoadOptions& options)
    : storage_(source.storage),
      backend_(make_backend(options.backend, options.precision)),
      workspaces_(*backend_) {
  // Either takes about half of a start.
  auto tokenizer = std::async(std::launch::async, [&source] { return make_tokenizer(source); });
  const Architecture& architecture = find_architecture(source);
  const Weights weights = find_weights(architecture, source);
  network_ = architecture.load(config_of(source), weights, *backend_);
  tokenizer_ = tokenizer.get();
  labels_ = read_labels(config_of(source), static_cast<std::size_t>(network_->shape().labels));
  info_ = describe_model(source, architecture, weights, *network_, labels_, *tokenizer_);
}

std::size_t Steps::window_for(const InputOptions& options) const {
  return options.max_tokens == 0 ? info_.window : std::min(info_.window, options.max_tokens);
}

// Empty where the network can take these tokens.
std::string Steps::defect_of(const Encoding& tokens) const {
  const auto [lowest, highest] = std::minmax_element(tokens.ids.begin(), tokens.ids.end());
  if (lowest == tokens.ids.end()) return {};
  if (*lowest < 0) return "a token's id is below 0";
  if (*highest >= network_->shape().vocabulary)
    return "the model has no embedding for the tokenizer's id " + std::to_string(*highest);
  return {};
}

PreparedText Steps::prepare(std::string_view text, const InputOptions& options) const {
  return guarded([&] {
    PreparedText result;
    result.tokens = tokenizer_->tokenize(text);
    const std::size_t special = tokenizer_->special_count();
    result.length = result.tokens.size() + special;
    result.error = result.length == 0 ? "the text has no tokens" : defect_of(result.tokens);
    if (!result.error.empty()) return result;
    const std::size_t window = window_for(options);
    if (window <= special)
      throw Error(ErrorCode::kInvalidArgument, "a limit of " + std::to_string(window) +
                                                   " tokens leaves no room for text beside " +
                                                   std::to_string(special) + " special tokens");
    result.plan = plan_windows(result.tokens.size(), window - special, options.long_text,
                               options.window_overlap);
    result.is_too_long = result.plan.windows.empty();
    if (result.is_too_long) result.error = too_long(result.length, window);
    if (result.plan.truncated && options.keep_end && !result.is_too_long) {
      const std::size_t end = result.tokens.size();
      result.plan.windows = {{end - (window - special), end}};
    }
    return result;
  });
}

PreparedText Steps::prepare_pair(std::string_view first, std::string_view second,
                                 const InputOptions& options) const {
  return guarded([&] {
    PreparedText result;
    Encoding a = tokenizer_->tokenize(first);
    Encoding b = tokenizer_->tokenize(second);
    const std::size_t special = tokenizer_->pair_special_count();
    const std::size_t window = window_for(options);
    result.complete = true;
    result.length = a.size() + b.size() + special;
    if (window <= special)
      throw Error(ErrorCode::kInvalidArgument, "a limit of " + std::to_string(window) +
                                                   " tokens leaves no room for a pair beside " +
                                                   std::to_string(special) + " special tokens");
    result.plan.truncated = result.length > window;
    if (result.plan.truncated && options.long_text == LongText::kError) {
      result.is_too_long = true;
      result.error = too_long(result.length, window);
      return result;
    }
    if (result.plan.truncated) cut_pair(a, b, window - special, options.keep_end);
    result.tokens = tokenizer_->with_specials(a, b);
    return finished(std::move(result));
  });
}

PreparedText Steps::prepare_ids(std::span<const std::int32_t> ids,
                                const InputOptions& options) const {
  PreparedText result;
  result.complete = true;
  result.length = ids.size();
  const std::size_t window = window_for(options);
  result.plan.truncated = ids.size() > window;
  if (result.plan.truncated && options.long_text != LongText::kTruncate) {
    result.is_too_long = true;
    result.error = too_long(result.length, window);
    return result;
  }
  if (result.plan.truncated) ids = options.keep_end ? ids.last(window) : ids.first(window);
  result.tokens.ids.assign(ids.begin(), ids.end());
  result.tokens.offsets.resize(ids.size());
  result.tokens.type_ids.resize(ids.size());
  return finished(std::move(result));
}

// Checks tokens that are complete, and makes their one window.
PreparedText Steps::finished(PreparedText text) const {
  text.error = text.tokens.size() == 0 ? "the text has no tokens" : defect_of(text.tokens);
  const std::int64_t types = network_->shape().token_types;
  if (text.error.empty() && types > 0 &&
      std::any_of(text.tokens.type_ids.begin(), text.tokens.type_ids.end(),
                  [&](std::uint8_t type) { return type >= types; }))
    text.error = "the model knows no pairs of texts: it has one token type";
  if (text.error.empty()) text.plan.windows = {{0, text.tokens.size()}};
  return text;
}

std::size_t Steps::length_of(const PreparedText& text, std::size_t window) const {
  const Window& range = text.plan.windows.at(window);
  return range.end - range.begin + (text.complete ? 0 : tokenizer_->special_count());
}

void Steps::run(std::span<const Sequence> batch, ThreadPool* pool) const {
  RaggedBatch ragged;
  for (const Sequence& sequence : batch) {
    const PreparedText& text = *sequence.text;
    if (text.complete) {
      ragged.append(text.tokens.ids, text.tokens.type_ids);
      continue;
    }
    const Window& window = text.plan.windows[sequence.window];
    const Encoding encoding = tokenizer_->with_specials(text.tokens, window.begin, window.end);
    ragged.append(encoding.ids, encoding.type_ids);
  }
  std::vector<float> rows(batch.size() * width());
  const Workspaces::Lease workspace = workspaces_.lease();
  network_->logits(ragged,
                   {rows.data(), static_cast<std::int64_t>(batch.size()), network_->shape().labels},
                   *workspace, pool);
  for (std::size_t i = 0; i < batch.size(); ++i)
    std::copy_n(&rows[i * width()], width(), batch[i].logits);
}

Classification Steps::answer(const PreparedText& text, std::span<float> logits,
                             const ClassifyOptions& options) const {
  Classification result;
  result.tokens = text.length;
  result.windows = text.plan.windows.size();
  result.truncated = text.plan.truncated;
  result.error = text.error;
  if (!text.error.empty()) return result;
  const ScoreFunction function =
      options.function == ScoreFunction::kModel ? labels_.function : options.function;
  const Calibration calibration = options.calibrated ? labels_.calibration : Calibration{};
  std::vector<double> sums(width());
  double total = 0;
  for (std::size_t i = 0; i < text.plan.windows.size(); ++i) {
    const std::span<float> row = logits.subspan(i * width(), width());
    apply_function(function, row, calibration.temperature);
    const double weight = weight_of(text.plan.windows[i]);
    for (std::size_t c = 0; c < width(); ++c) sums[c] += weight * row[c];
    total += weight;
  }
  std::vector<float> scores(width());
  for (std::size_t c = 0; c < width(); ++c) scores[c] = static_cast<float>(sums[c] / total);
  result.scores = rank(scores, labels_, options.top_k);
  mark_chosen(result.scores, labels_, function, calibration.thresholds);
  return result;
}

}  // namespace valence
