// How text becomes a label: tokenize, cut into windows, batch, run the network, score, merge.
#include "valence/classifier.h"

#include <algorithm>
#include <utility>

#include "base/processors.h"
#include "base/thread_pool.h"
#include "engine/batcher.h"
#include "engine/steps.h"
#include "engine/window_logits.h"
#include "format/gguf_model.h"
#include "format/model_file.h"

namespace valence {
namespace {

constexpr std::size_t kTextsAtOnce = 16;  // that a thread takes to tokenize

std::size_t pieces_of(std::size_t count, std::size_t grain) {
  return (count + grain - 1) / grain;
}

// Texts that went through the network together.
struct Run {
  std::vector<PreparedText> texts;
  std::vector<float> logits;            // a row a window, in the order of the texts
  std::vector<std::size_t> first_rows;  // of each text
};

}  // namespace

struct Classifier::Parts {
  Parts(const ModelFile& source, const LoadOptions& options)
      : steps(source, options),
        pool(options.threads == 0 ? available_processors() : options.threads, options.pin_threads) {
  }

  std::vector<PreparedText> prepare(std::span<const std::string_view> texts,
                                    const ClassifyOptions& options) const;
  void run_network(Run& run) const;
  Run run_texts(std::span<const std::string_view> texts, const ClassifyOptions& options) const;
  // The rows of text number `i`.
  std::span<float> rows_of(Run& run, std::size_t i) const {
    return std::span(run.logits)
        .subspan(run.first_rows[i] * steps.width(),
                 run.texts[i].plan.windows.size() * steps.width());
  }

  Steps steps;
  mutable ThreadPool pool;
};

std::vector<PreparedText> Classifier::Parts::prepare(std::span<const std::string_view> texts,
                                                     const ClassifyOptions& options) const {
  InputOptions input;
  input.long_text = options.long_text;
  input.window_overlap = options.window_overlap;
  std::vector<PreparedText> prepared(texts.size());
  pool.for_each(pieces_of(texts.size(), kTextsAtOnce), [&](std::size_t piece) {
    const std::size_t end = std::min(texts.size(), (piece + 1) * kTextsAtOnce);
    for (std::size_t i = piece * kTextsAtOnce; i < end; ++i)
      prepared[i] = steps.prepare(texts[i], input);
  });
  return prepared;
}

// Fills run.logits.
void Classifier::Parts::run_network(Run& run) const {
  std::vector<Sequence> sequences;
  std::vector<std::size_t> lengths;
  std::size_t tokens = 0;
  for (const PreparedText& text : run.texts) {
    run.first_rows.push_back(sequences.size());
    for (std::size_t window = 0; window < text.plan.windows.size(); ++window) {
      sequences.push_back({&text, window, nullptr});
      lengths.push_back(steps.length_of(text, window));
      tokens += lengths.back();
    }
  }
  run.logits.resize(sequences.size() * steps.width());
  for (std::size_t i = 0; i < sequences.size(); ++i)
    sequences[i].logits = &run.logits[i * steps.width()];
  const auto batches =
      cut_batches(lengths, token_budget(tokens, pool.threads(), steps.batch_tokens()));
  // A lone batch is shared among all threads; of several, each thread takes whole ones.
  ThreadPool* shared_pool = batches.size() == 1 ? &pool : nullptr;
  pool.for_each(batches.size(), [&](std::size_t i) {
    std::vector<Sequence> batch;
    batch.reserve(batches[i].size());
    for (const std::size_t member : batches[i]) batch.push_back(sequences[member]);
    steps.run(batch, shared_pool);
  });
}

Run Classifier::Parts::run_texts(std::span<const std::string_view> texts,
                                 const ClassifyOptions& options) const {
  Run run;
  run.texts = prepare(texts, options);
  run.first_rows.reserve(texts.size());
  run_network(run);
  return run;
}

Classifier::Classifier(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;

Classifier Classifier::load(const std::filesystem::path& path, const LoadOptions& options) {
  return Classifier(std::make_unique<const Parts>(open_model_file(path), options));
}

Classifier Classifier::load_gguf(std::span<const std::byte> bytes, const std::string& name,
                                 const LoadOptions& options) {
  return Classifier(std::make_unique<const Parts>(read_gguf_bytes(bytes, name), options));
}

std::vector<Classification> Classifier::classify(std::span<const std::string_view> texts,
                                                 const ClassifyOptions& options) const {
  Run run = parts_->run_texts(texts, options);
  std::vector<Classification> answers;
  answers.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    answers.push_back(parts_->steps.answer(run.texts[i], parts_->rows_of(run, i), options));
  return answers;
}

Classification Classifier::classify(std::string_view text, const ClassifyOptions& options) const {
  return std::move(classify(std::span(&text, 1), options).front());
}

std::vector<WindowLogits> window_logits(const Classifier& classifier,
                                        std::span<const std::string_view> texts,
                                        const ClassifyOptions& options) {
  const Classifier::Parts& parts = *classifier.parts_;
  Run run = parts.run_texts(texts, options);
  std::vector<WindowLogits> result;
  result.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const PreparedText& text = run.texts[i];
    const std::span<const float> rows = parts.rows_of(run, i);
    WindowLogits entry;
    entry.tokens = text.length;
    entry.error = text.error;
    entry.logits.assign(rows.begin(), rows.end());
    for (const Window& window : text.plan.windows) entry.weights.push_back(weight_of(window));
    result.push_back(std::move(entry));
  }
  return result;
}

const ModelInfo& Classifier::info() const {
  return parts_->steps.info();
}

}  // namespace valence
