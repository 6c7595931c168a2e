// Chunks read, worked on by several threads at once, and written in the order they were read.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace valence {

// At most 2 * workers + 1 chunks exist at a time. The worker threads take turns to read, so that
// reading, working and writing overlap; `write` runs on the caller of run().
//
// The first exception in the order of the chunks, whatever stage threw it, is thrown by run() after
// everything before it has been written; what was read behind it is dropped.
template <typename Chunk>
class OrderedPipeline {
 public:
  struct Stages {
    std::function<bool(Chunk&)> read;  // false: there are no more chunks, this one is none either
    std::function<void(Chunk&)> work;  // on any thread, several chunks at once
    std::function<void(Chunk&)> write;
  };

  OrderedPipeline(Stages stages, std::size_t workers)
      : stages_(std::move(stages)), workers_(workers), most_(2 * workers + 1) {}

  // Once. Returns when all has been written and no thread is left.
  void run() {
    std::vector<std::jthread> threads;
    threads.reserve(workers_);
    const EndAtExit end(*this);  // destroyed before the threads are joined
    for (std::size_t i = 0; i < workers_; ++i) threads.emplace_back([this] { work(); });
    while (const std::shared_ptr<Slot> slot = next_done()) {
      if (slot->error) std::rethrow_exception(slot->error);
      stages_.write(slot->chunk);
    }
  }

 private:
  struct Slot {
    Chunk chunk{};
    std::exception_ptr error;
    bool done = false;
  };

  struct EndAtExit {
    explicit EndAtExit(OrderedPipeline& owner) : pipeline(owner) {}
    ~EndAtExit() { pipeline.end(); }
    EndAtExit(const EndAtExit&) = delete;
    EndAtExit& operator=(const EndAtExit&) = delete;
    OrderedPipeline& pipeline;
  };

  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  void work() {
    while (const std::shared_ptr<Slot> slot = read_next()) {
      try {
        stages_.work(slot->chunk);
      } catch (...) {
        slot->error = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      slot->done = true;
      ended_ = ended_ || slot->error;
      changed_.notify_all();
    }
  }

  // Null when there is nothing more to work on.
  std::shared_ptr<Slot> read_next() {
    const std::lock_guard turn(reading_);
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ended_ || slots_.size() < most_; });
      if (ended_) return nullptr;
    }
    auto slot = std::make_shared<Slot>();
    bool more = false;
    try {
      more = stages_.read(slot->chunk);
    } catch (...) {
      slot->error = std::current_exception();
      slot->done = true;
    }
    const std::lock_guard lock(mutex_);
    ended_ = ended_ || !more;
    if (more || slot->error) slots_.push_back(slot);
    changed_.notify_all();
    return more ? slot : nullptr;
  }

  // The oldest chunk once it is done; null after the last.
  std::shared_ptr<Slot> next_done() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return slots_.empty() ? ended_ : slots_.front()->done; });
    if (slots_.empty()) return nullptr;
    std::shared_ptr<Slot> slot = std::move(slots_.front());
    slots_.pop_front();
    changed_.notify_all();
    return slot;
  }

  const Stages stages_;
  const std::size_t workers_;
  const std::size_t most_;
  std::mutex reading_;  // held by the worker whose turn it is to read; taken before mutex_
  std::mutex mutex_;    // guards what follows
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Slot>> slots_;  // read and not yet taken for writing, in order
  bool ended_ = false;                       // no more reading
};

}  // namespace valence
