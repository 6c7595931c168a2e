#include "base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include "base/processors.h"
#include "base/spin.h"

namespace valence {

namespace {

void wait_for_zero(const std::atomic<std::size_t>& count) {
  const auto zero = [&] { return count.load(std::memory_order_acquire) == 0; };
  if (spin_until(zero)) return;
  for (std::size_t left; (left = count.load(std::memory_order_acquire)) != 0;)
    count.wait(left, std::memory_order_acquire);
}

}  // namespace

struct ThreadPool::Loop {
  Loop(std::size_t size, const std::function<void(std::size_t)>& function)
      : count(size), body(function) {}

  // Runs indices until none is left.
  void run() {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        body(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        next = count;
      }
    }
  }

  void leave() {
    if (helpers.fetch_sub(1, std::memory_order_acq_rel) == 1) helpers.notify_all();
  }

  void wait_for_helpers() {
    wait_for_zero(helpers);
    if (error) std::rethrow_exception(error);
  }

  const std::size_t count;
  const std::function<void(std::size_t)>& body;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::atomic<std::size_t> helpers = 0;  // pool threads inside run()
  std::exception_ptr error;
};

// A team that still waits for some of its members.
struct ThreadPool::Gang {
  Gang(std::size_t members, const Member& function)
      : team(members), body(function), running(members - 1) {}

  void run(std::size_t rank) {
    try {
      body(team, rank);
    } catch (const Team::Broken&) {
      return;
    } catch (...) {
      team.fail(std::current_exception());
    }
  }

  Team team;
  const Member& body;
  std::size_t next_rank = 1;         // to hand out; guarded by the pool's mutex
  std::atomic<std::size_t> running;  // members besides the caller that have not finished
};

ThreadPool::ThreadPool(std::size_t threads, bool pinned) {
  for (std::size_t i = 1; i < threads; ++i)
    workers_.emplace_back([this, pinned, i] {
      if (pinned) stay_on_processor(i);
      work();
    });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

// Wakes threads for that many pieces of new work; the mutex is held.
void ThreadPool::offer_work(std::size_t pieces) {
  work_there_.store(true, std::memory_order_release);
  if (sleeping_ == 0) return;
  if (pieces >= sleeping_)
    wake_.notify_all();
  else
    for (std::size_t i = 0; i < pieces; ++i) wake_.notify_one();
}

void ThreadPool::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  const auto loop = std::make_shared<Loop>(count, body);
  const bool shared = count > 1 && !workers_.empty();
  if (shared) {
    const std::lock_guard lock(mutex_);
    loops_.push_back(loop);
    offer_work(count - 1);
  }
  loop->run();
  if (shared) {
    const std::lock_guard lock(mutex_);
    loops_.remove(loop);
  }
  loop->wait_for_helpers();
}

void ThreadPool::run_together(std::size_t most, const Member& body) {
  std::shared_ptr<Gang> gang;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t others = std::min(idle_, std::max<std::size_t>(most, 1) - 1);
    gang = std::make_shared<Gang>(others + 1, body);
    if (others > 0) {
      idle_ -= others;
      gangs_.push_back(gang);
      offer_work(others);
    }
  }
  gang->run(0);
  wait_for_zero(gang->running);
  gang->team.rethrow();
}

void ThreadPool::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  offer_work(1);
}

void ThreadPool::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto there = [this] {
    return stopping_ || !loops_.empty() || !gangs_.empty() || !tasks_.empty();
  };
  if (there()) return;
  work_there_.store(false, std::memory_order_relaxed);
  lock.unlock();
  spin_until([this] { return work_there_.load(std::memory_order_acquire) || stopping_; });
  lock.lock();
  ++sleeping_;
  wake_.wait(lock, there);
  --sleeping_;
}

// Takes part in the first gang or loop, or does the first task; the mutex is held, but not while
// working.
void ThreadPool::help(std::unique_lock<std::mutex>& lock) {
  if (!gangs_.empty()) {
    const std::shared_ptr<Gang> gang = gangs_.front();
    const std::size_t rank = gang->next_rank++;
    if (gang->next_rank == gang->team.size()) gangs_.pop_front();
    lock.unlock();
    gang->run(rank);
    lock.lock();
    ++idle_;
    if (gang->running.fetch_sub(1, std::memory_order_acq_rel) == 1) gang->running.notify_all();
    return;
  }
  if (loops_.empty()) {
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    --idle_;
    lock.unlock();
    task();
    lock.lock();
    ++idle_;
    return;
  }
  const std::shared_ptr<Loop> loop = loops_.front();
  ++loop->helpers;
  --idle_;
  lock.unlock();
  loop->run();
  lock.lock();
  ++idle_;
  loops_.remove(loop);
  loop->leave();
}

void ThreadPool::work() {
  std::unique_lock lock(mutex_);
  ++idle_;
  while (true) {
    wait_for_work(lock);
    if (stopping_) return;
    help(lock);
  }
}

}  // namespace valence
