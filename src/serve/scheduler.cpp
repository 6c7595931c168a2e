#include "serve/scheduler.h"

#include <algorithm>
#include <bit>
#include <exception>
#include <utility>

namespace valence::serve {
namespace {

// Windows up to this many tokens are alike; above, those up to the next power of two.
constexpr std::size_t kShort = 64;
// How much later than it came a window counts: for each token of its request up to its end, at most
// in all, and if it is of a bulk job.
constexpr auto kDelayPerToken = std::chrono::microseconds(100);
constexpr auto kMostDelay = std::chrono::milliseconds(500);
constexpr auto kBulkDelay = std::chrono::milliseconds(200);
constexpr double kForget = 0.05;  // the share of a new batch in the running mean

std::size_t length_class(std::size_t tokens) {
  return std::bit_ceil(std::max(tokens, kShort));
}

double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

}  // namespace

std::span<float> Job::rows_of(std::size_t i) {
  const std::size_t width = model->steps.width();
  return std::span(logits).subspan(first_rows[i] * width, texts[i].plan.windows.size() * width);
}

Scheduler::Scheduler(ThreadPool& pool, const SchedulerLimits& limits, Metrics& metrics)
    : pool_(pool),
      limits_(limits),
      threads_(pool.threads() - 1),
      queue_seconds_(metrics.histogram(
          "valence_queue_seconds", "Time from a request's place in the queue to its first batch.",
          second_bounds())),
      batch_tokens_(
          metrics.histogram("valence_batch_tokens", "Tokens in a batch.", token_bounds())),
      batch_fill_(metrics.histogram("valence_batch_fill",
                                    "Tokens in a batch as a share of its budget.", share_bounds())),
      batch_seconds_(
          metrics.histogram("valence_batch_seconds", "Time that a batch took.", second_bounds())) {
  metrics.gauge("valence_queue_windows", "Windows of texts that wait to be computed.",
                [this] { return static_cast<double>(waiting_windows()); });
  metrics.gauge("valence_queue_tokens", "Tokens that wait to be computed.",
                [this] { return static_cast<double>(waiting_tokens()); });
}

std::size_t Scheduler::waiting_windows() const {
  const std::lock_guard lock(mutex_);
  return windows_;
}

std::size_t Scheduler::waiting_tokens() const {
  const std::lock_guard lock(mutex_);
  return tokens_;
}

std::chrono::milliseconds Scheduler::expected_wait() const {
  const std::lock_guard lock(mutex_);
  const double rate = tokens_per_second_ * static_cast<double>(threads_);
  return std::chrono::milliseconds(static_cast<long>(1000 * static_cast<double>(tokens_) / rate));
}

bool Scheduler::submit(const JobPtr& job) {
  std::size_t windows = 0;
  std::size_t tokens = 0;
  const Steps& steps = job->model->steps;
  for (const PreparedText& text : job->texts) {
    job->first_rows.push_back(windows);
    for (std::size_t i = 0; i < text.plan.windows.size(); ++i) tokens += steps.length_of(text, i);
    windows += text.plan.windows.size();
  }
  job->logits.resize(windows * steps.width());
  job->windows_left = windows;
  job->submitted = job->begun = job->finished = Clock::now();
  if (windows == 0) {
    std::exchange(job->done, nullptr)();
    return true;
  }
  std::size_t wake = 0;
  {
    const std::lock_guard lock(mutex_);
    const bool full = texts_ > 0 && (texts_ + job->texts.size() > limits_.queue_texts ||
                                     tokens_ + tokens > limits_.queue_tokens);
    if (stopping_ || (full && !job->bulk)) {
      job->done = nullptr;
      return false;
    }
    enqueue(job);
    wake = std::min(threads_ - std::min(threads_, workers_), windows);
    workers_ += wake;
  }
  for (std::size_t i = 0; i < wake; ++i) pool_.post([this] { work(); });
  return true;
}

// The mutex is held.
void Scheduler::enqueue(const JobPtr& job) {
  const Steps& steps = job->model->steps;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < job->texts.size(); ++i) {
    const PreparedText& text = job->texts[i];
    for (std::size_t window = 0; window < text.plan.windows.size(); ++window) {
      const std::size_t tokens = steps.length_of(text, window);
      sum += tokens;
      const auto delay =
          std::min<Clock::duration>(kDelayPerToken * static_cast<std::int64_t>(sum), kMostDelay);
      const Clock::time_point turn =
          job->submitted + delay + (job->bulk ? kBulkDelay : Clock::duration::zero());
      Lane& lane = lanes_[{job->model->generation, length_class(tokens)}];
      lane.entries.emplace(turn, Entry{job, i, window, tokens});
      lane.tokens += tokens;
      ++windows_;
      if (job->bulk) continue;
      tokens_ += tokens;
      if (window == 0) ++texts_;
    }
  }
}

std::size_t Scheduler::most_tokens(const Model& model) const {
  return limits_.batch_tokens == 0 ? model.steps.batch_tokens() : limits_.batch_tokens;
}

Scheduler::Batch Scheduler::take_batch() {
  Batch batch;
  const auto next =
      std::min_element(lanes_.begin(), lanes_.end(), [](const auto& a, const auto& b) {
        return a.second.entries.begin()->first < b.second.entries.begin()->first;
      });
  if (next == lanes_.end()) return batch;
  Lane& lane = next->second;
  batch.most = most_tokens(*lane.entries.begin()->second.job->model);
  // What waits is divided among the threads that are free to take it.
  const std::size_t free = threads_ - std::min(workers_, threads_) + 1;
  const std::size_t budget =
      std::clamp<std::size_t>((lane.tokens + free - 1) / free, 1, batch.most);
  std::size_t used = 0;
  while (!lane.entries.empty()) {
    const auto first = lane.entries.begin();
    if (!batch.entries.empty() && used + first->second.tokens > budget) break;
    Entry entry = std::move(first->second);
    lane.entries.erase(first);
    used += entry.tokens;
    lane.tokens -= entry.tokens;
    --windows_;
    if (!entry.job->bulk) {
      tokens_ -= entry.tokens;
      if (entry.window == 0) --texts_;
    }
    batch.entries.push_back(std::move(entry));
  }
  if (lane.entries.empty()) lanes_.erase(next);
  batch.alone = lanes_.empty();
  return batch;
}

void Scheduler::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    Batch batch = take_batch();
    if (batch.entries.empty()) break;
    lock.unlock();
    compute(batch);
    batch.entries.clear();  // what the jobs hold goes while nobody waits for the lock
    lock.lock();
  }
  if (--workers_ == 0) idle_.notify_all();
}

void Scheduler::stop() {
  std::map<LaneKey, Lane> dropped;  // goes when the lock has gone
  std::unique_lock lock(mutex_);
  stopping_ = true;
  dropped.swap(lanes_);
  windows_ = tokens_ = texts_ = 0;
  idle_.wait(lock, [this] { return workers_ == 0; });
  for (const auto& [key, lane] : dropped)
    for (const auto& [turn, entry] : lane.entries)
      entry.job->done = nullptr;  // what it holds may hold the job
}

// Computes a batch and tells the jobs whose last window it was.
void Scheduler::compute(Batch& batch) {
  const auto begin = Clock::now();
  std::vector<Entry> wanted;
  wanted.reserve(batch.entries.size());
  std::size_t tokens = 0;
  for (Entry& entry : batch.entries) {
    Job& job = *entry.job;
    if (!job.has_begun.exchange(true)) {
      job.begun = begin;
      queue_seconds_.observe(seconds_between(job.submitted, begin));
      if (job.deadline < begin) fail(job, Job::State::kExpired, {});
    }
    if (job.has_ended_badly) {
      finish_window(job);
      continue;
    }
    tokens += entry.tokens;
    wanted.push_back(std::move(entry));
  }
  if (wanted.empty()) return;
  run_batch(wanted, batch.alone ? &pool_ : nullptr);
  const double seconds = seconds_between(begin, Clock::now());
  batch_tokens_.observe(static_cast<double>(tokens));
  batch_fill_.observe(static_cast<double>(tokens) / static_cast<double>(batch.most));
  batch_seconds_.observe(seconds);
  {
    const std::lock_guard lock(mutex_);
    const double rate = static_cast<double>(tokens) / std::max(seconds, 1e-9);
    tokens_per_second_ += kForget * (rate - tokens_per_second_);
  }
  for (Entry& entry : wanted) finish_window(*entry.job);
}

// Where a batch cannot be computed, for want of memory most likely, each of its windows is tried
// alone: only the requests of those that fail again are harmed.
void Scheduler::run_batch(const std::vector<Entry>& batch, ThreadPool* pool) {
  const Steps& steps = batch.front().job->model->steps;
  std::vector<Sequence> sequences;
  sequences.reserve(batch.size());
  for (const Entry& entry : batch) {
    Job& job = *entry.job;
    const std::size_t row = job.first_rows[entry.text] + entry.window;
    sequences.push_back({&job.texts[entry.text], entry.window, &job.logits[row * steps.width()]});
  }
  try {
    return steps.run(sequences, pool);
  } catch (const std::exception&) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      try {
        steps.run(std::span(sequences).subspan(i, 1), nullptr);
      } catch (const std::exception& error) {
        fail(*batch[i].job, Job::State::kFailed, error.what());
      }
    }
  }
}

void Scheduler::fail(Job& job, Job::State state, const std::string& why) {
  const std::lock_guard lock(job.mutex);
  job.has_ended_badly = true;
  job.state = state;
  job.failure = why;
}

void Scheduler::finish_window(Job& job) {
  if (job.windows_left.fetch_sub(1) != 1) return;
  job.finished = Clock::now();
  std::exchange(job.done, nullptr)();  // what it holds may hold the job
}

}  // namespace valence::serve
