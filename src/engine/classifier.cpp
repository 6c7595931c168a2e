// How text becomes a label: tokenize, cut into windows, batch, run the network, score, merge.
#include "valence/classifier.h"

#include <algorithm>
#include <utility>

#include "backend/backend.h"
#include "base/ragged_batch.h"
#include "base/thread_pool.h"
#include "engine/batcher.h"
#include "engine/model_info.h"
#include "engine/scores.h"
#include "engine/window_logits.h"
#include "engine/windows.h"
#include "engine/workspaces.h"
#include "format/gguf_model.h"
#include "format/model_file.h"
#include "model/architecture.h"
#include "text/tokenizer.h"

namespace valence {
namespace {

constexpr std::size_t kTextsAtOnce = 16;  // that a thread takes to tokenize

// One text on its way through the engine.
struct Job {
  Encoding tokens;
  WindowPlan plan;  // without windows when there is an error
  std::string error;
  std::size_t first_sequence = 0;
};

// A window of a text: what the network sees.
struct Sequence {
  std::size_t job;
  Window window;
};

Tokenizer make_tokenizer(const ModelFile& source) {
  try {
    return Tokenizer(source.tokenizer);
  } catch (const Error& error) {
    throw Error(error.code(), source.path + ": " + error.what());
  }
}

double weight_of(const Window& window) {
  return window.end == window.begin ? 1 : static_cast<double>(window.end - window.begin);
}

std::size_t pieces_of(std::size_t count, std::size_t grain) {
  return (count + grain - 1) / grain;
}

}  // namespace

struct Classifier::Parts {
  Parts(const ModelFile& source, const LoadOptions& options);

  std::vector<Job> tokenize(std::span<const std::string_view> texts,
                            const ClassifyOptions& options) const;
  // Tokenizes and runs; `logits` has a row for each window, beginning at each job's first_sequence.
  std::vector<Job> run_texts(std::span<const std::string_view> texts,
                             const ClassifyOptions& options, std::vector<float>& logits) const;
  Job prepare(std::string_view text, const ClassifyOptions& options) const;
  std::vector<float> run(const std::vector<Job>& jobs,
                         const std::vector<Sequence>& sequences) const;
  void run_batch(const std::vector<Job>& jobs, const std::vector<Sequence>& sequences,
                 std::span<const std::size_t> members, ThreadPool* pool,
                 std::span<float> logits) const;
  Classification answer(const Job& job, std::span<float> logits,
                        const ClassifyOptions& options) const;

  std::vector<std::shared_ptr<const MappedFile>> storage;
  mutable ThreadPool pool;
  Tokenizer tokenizer;
  std::unique_ptr<Backend> backend;
  std::unique_ptr<Network> network;
  mutable Workspaces workspaces;
  LabelSet labels;
  ModelInfo info;
};

Classifier::Parts::Parts(const ModelFile& source, const LoadOptions& options)
    : storage(source.storage),
      pool(options.threads == 0 ? available_processors() : options.threads),
      tokenizer(make_tokenizer(source)),
      backend(make_backend(options.backend, options.precision)),
      workspaces(*backend) {
  const Architecture& architecture = find_architecture(source);
  const Weights weights = find_weights(architecture, source);
  network = architecture.load(config_of(source), weights, *backend);
  labels = read_labels(config_of(source), static_cast<std::size_t>(network->shape().labels));
  info = describe_model(source, architecture, weights, *network, labels, tokenizer);
}

std::vector<Job> Classifier::Parts::tokenize(std::span<const std::string_view> texts,
                                             const ClassifyOptions& options) const {
  std::vector<Job> jobs(texts.size());
  pool.for_each(pieces_of(texts.size(), kTextsAtOnce), [&](std::size_t piece) {
    const std::size_t end = std::min(texts.size(), (piece + 1) * kTextsAtOnce);
    for (std::size_t i = piece * kTextsAtOnce; i < end; ++i) jobs[i] = prepare(texts[i], options);
  });
  return jobs;
}

Job Classifier::Parts::prepare(std::string_view text, const ClassifyOptions& options) const {
  Job job;
  try {
    job.tokens = tokenizer.tokenize(text);
  } catch (const Error& error) {  // the text's own fault: the others go on
    job.error = error.what();
    return job;
  }
  const std::size_t length = job.tokens.size() + tokenizer.special_count();
  const auto highest = std::max_element(job.tokens.ids.begin(), job.tokens.ids.end());
  if (length == 0) {
    job.error = "the text has no tokens";
  } else if (highest != job.tokens.ids.end() && *highest >= network->shape().vocabulary) {
    job.error = "the model has no embedding for the tokenizer's id " + std::to_string(*highest);
  } else {
    job.plan = plan_windows(job.tokens.size(), info.window - tokenizer.special_count(),
                            options.long_text, options.window_overlap);
    if (job.plan.windows.empty())
      job.error = "the text has " + std::to_string(length) + " tokens, the model takes " +
                  std::to_string(info.window);
  }
  return job;
}

void Classifier::Parts::run_batch(const std::vector<Job>& jobs,
                                  const std::vector<Sequence>& sequences,
                                  std::span<const std::size_t> members, ThreadPool* shared_pool,
                                  std::span<float> logits) const {
  RaggedBatch batch;
  for (const std::size_t member : members) {
    const Sequence& sequence = sequences[member];
    const Encoding encoding = tokenizer.with_specials(jobs[sequence.job].tokens,
                                                      sequence.window.begin, sequence.window.end);
    batch.append(encoding.ids, encoding.type_ids);
  }
  const auto width = static_cast<std::size_t>(network->shape().labels);
  std::vector<float> rows(members.size() * width);
  const Workspaces::Lease workspace = workspaces.lease();
  network->logits(batch,
                  {rows.data(), static_cast<std::int64_t>(members.size()), network->shape().labels},
                  *workspace, shared_pool);
  for (std::size_t i = 0; i < members.size(); ++i)
    std::copy_n(&rows[i * width], width, &logits[members[i] * width]);
}

// The logits of every sequence, one row each.
std::vector<float> Classifier::Parts::run(const std::vector<Job>& jobs,
                                          const std::vector<Sequence>& sequences) const {
  std::vector<std::size_t> lengths;
  std::size_t tokens = 0;
  for (const Sequence& sequence : sequences) {
    lengths.push_back(sequence.window.end - sequence.window.begin + tokenizer.special_count());
    tokens += lengths.back();
  }
  std::vector<float> logits(sequences.size() * static_cast<std::size_t>(network->shape().labels));
  const std::size_t budget = token_budget(tokens, pool.threads(), network->shape().batch_tokens);
  const auto batches = cut_batches(lengths, budget);
  // A lone batch uses all threads inside each operation; of several, each thread takes whole ones.
  ThreadPool* shared_pool = batches.size() == 1 ? &pool : nullptr;
  pool.for_each(batches.size(), [&](std::size_t i) {
    run_batch(jobs, sequences, batches[i], shared_pool, logits);
  });
  return logits;
}

std::vector<Job> Classifier::Parts::run_texts(std::span<const std::string_view> texts,
                                              const ClassifyOptions& options,
                                              std::vector<float>& logits) const {
  std::vector<Job> jobs = tokenize(texts, options);
  std::vector<Sequence> sequences;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].first_sequence = sequences.size();
    for (const Window& window : jobs[i].plan.windows) sequences.push_back({i, window});
  }
  logits = run(jobs, sequences);
  return jobs;
}

// The answer from a text's windows: scores of each, averaged with the windows' lengths as weights.
Classification Classifier::Parts::answer(const Job& job, std::span<float> logits,
                                         const ClassifyOptions& options) const {
  Classification result;
  result.tokens = job.tokens.size() + tokenizer.special_count();
  result.windows = job.plan.windows.size();
  result.truncated = job.plan.truncated;
  result.error = job.error;
  if (!job.error.empty()) return result;
  const ScoreFunction function =
      options.function == ScoreFunction::kModel ? labels.function : options.function;
  const Calibration calibration = options.calibrated ? labels.calibration : Calibration{};
  const std::size_t width = labels.names.size();
  std::vector<double> sums(width);
  double total = 0;
  for (std::size_t i = 0; i < job.plan.windows.size(); ++i) {
    const std::span<float> row = logits.subspan((job.first_sequence + i) * width, width);
    apply_function(function, row, calibration.temperature);
    const double weight = weight_of(job.plan.windows[i]);
    for (std::size_t c = 0; c < width; ++c) sums[c] += weight * row[c];
    total += weight;
  }
  std::vector<float> scores(width);
  for (std::size_t c = 0; c < width; ++c) scores[c] = static_cast<float>(sums[c] / total);
  result.scores = rank(scores, labels, options.top_k);
  mark_chosen(result.scores, labels, function, calibration.thresholds);
  return result;
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
  std::vector<float> logits;
  const std::vector<Job> jobs = parts_->run_texts(texts, options, logits);
  std::vector<Classification> answers;
  answers.reserve(jobs.size());
  for (const Job& job : jobs) answers.push_back(parts_->answer(job, logits, options));
  return answers;
}

Classification Classifier::classify(std::string_view text, const ClassifyOptions& options) const {
  return classify(std::span(&text, 1), options).front();
}

std::vector<WindowLogits> window_logits(const Classifier& classifier,
                                        std::span<const std::string_view> texts,
                                        const ClassifyOptions& options) {
  const Classifier::Parts& parts = *classifier.parts_;
  std::vector<float> logits;
  const std::vector<Job> jobs = parts.run_texts(texts, options, logits);
  const std::size_t width = parts.labels.names.size();
  std::vector<WindowLogits> result;
  for (const Job& job : jobs) {
    WindowLogits entry;
    entry.tokens = job.tokens.size() + parts.tokenizer.special_count();
    entry.error = job.error;
    const auto first = logits.begin() + static_cast<std::ptrdiff_t>(job.first_sequence * width);
    const std::size_t windows = job.plan.windows.size();
    entry.logits.assign(first, first + static_cast<std::ptrdiff_t>(windows * width));
    for (const Window& window : job.plan.windows) entry.weights.push_back(weight_of(window));
    result.push_back(std::move(entry));
  }
  return result;
}

const ModelInfo& Classifier::info() const {
  return parts_->info;
}

}  // namespace valence
