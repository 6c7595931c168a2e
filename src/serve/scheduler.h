// Windows of many requests become batches: continuous batching by a budget of tokens.
//
// A request waits only while all threads compute. A thread that becomes free takes the next batch:
// windows of one model and of like length, so that a short text never waits for a long one that
// happens to be beside it. What is taken next is what came first, a window being treated as if it
// had come a little later for every token that its request has up to its end: small requests
// overtake large ones, and nothing starves, because that little is limited.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "serve/http/message.h"
#include "serve/metrics.h"
#include "serve/models.h"

namespace valence::serve {

struct SchedulerLimits {
  std::size_t batch_tokens = 0;       // of a batch; 0: what suits the model
  std::size_t queue_texts = 1024;     // waiting, in requests that may be refused
  std::size_t queue_tokens = 131072;  // of their windows
};

// A request on its way: texts in, logits out.
struct Job {
  ModelPtr model;
  std::vector<PreparedText> texts;
  bool bulk = false;  // comes after others, and is never refused: whoever sends it waits by itself
  Clock::time_point deadline = Clock::time_point::max();  // of the begin of its computation
  std::function<void()> done;  // called once, on a thread of the pool or inside submit()

  // Filled when done() is called.
  enum class State { kDone, kExpired, kFailed };
  State state = State::kDone;
  std::string failure;        // of kFailed
  std::vector<float> logits;  // a row a window, in the order of the texts
  Clock::time_point submitted, begun, finished;

  // The rows of text number `i`.
  std::span<float> rows_of(std::size_t i);

  std::vector<std::size_t> first_rows;
  std::atomic<std::size_t> windows_left = 0;
  std::atomic<bool> has_begun = false, has_ended_badly = false;
  std::mutex mutex;  // guards state and failure until done() is called
};
using JobPtr = std::shared_ptr<Job>;

class Scheduler {
 public:
  // Computes on the threads of `pool`, of which one is the caller that it never uses.
  Scheduler(ThreadPool& pool, const SchedulerLimits& limits, Metrics& metrics);
  ~Scheduler() { stop(); }
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // False: the queue is full, and nothing will be done. An empty queue takes any job. Thread-safe.
  bool submit(const JobPtr& job);

  // Drops what waits, without a call to done(), and returns when nothing is computed any more. What
  // is submitted afterwards is refused.
  void stop();

  // About how long what waits now will take.
  std::chrono::milliseconds expected_wait() const;
  std::size_t waiting_windows() const;
  std::size_t waiting_tokens() const;

 private:
  struct Entry {
    JobPtr job;
    std::size_t text = 0, window = 0, tokens = 0;
  };
  // Windows that may share a batch, by their turns.
  struct Lane {
    std::multimap<Clock::time_point, Entry> entries;
    std::size_t tokens = 0;
  };
  using LaneKey = std::pair<std::uint64_t, std::size_t>;  // a model's generation, a length class

  struct Batch {
    std::vector<Entry> entries;  // empty where nothing waits
    std::size_t most = 0;        // tokens of a full batch of their model
    bool alone = false;          // nothing else waits: other threads may help with it
  };

  std::size_t most_tokens(const Model& model) const;
  void enqueue(const JobPtr& job);
  void work();
  Batch take_batch();
  void compute(Batch& batch);
  void run_batch(const std::vector<Entry>& batch, ThreadPool* pool);
  static void finish_window(Job& job);
  static void fail(Job& job, Job::State state, const std::string& why);

  ThreadPool& pool_;
  const SchedulerLimits limits_;
  const std::size_t threads_;
  Histogram &queue_seconds_, &batch_tokens_, &batch_fill_, &batch_seconds_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable idle_;
  bool stopping_ = false;
  std::map<LaneKey, Lane> lanes_;
  std::size_t workers_ = 0;                           // threads that compute, or have been asked to
  std::size_t windows_ = 0, tokens_ = 0, texts_ = 0;  // that wait, texts and tokens not of bulk
  double tokens_per_second_ = 10000;                  // of one thread, a running mean
};

}  // namespace valence::serve
