// Resident threads that share out the indices of loops, or run a function together.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/team.h"

namespace valence {

// Idle threads look for work for some tens of microseconds, then sleep. Any number of callers may
// run loops at once; a loop body may run another loop.
class ThreadPool {
 public:
  // `threads` counts the caller: a pool of 1 starts no thread. At least 1. With `pinned`, each of
  // the pool's threads keeps to a processor; the caller's is left where it is.
  explicit ThreadPool(std::size_t threads, bool pinned = false);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t threads() const { return workers_.size() + 1; }

  // Calls body(0) ... body(count - 1), each once, on the caller and the pool's threads, and returns
  // when all have finished. The first exception that a body throws is thrown here; indices not yet
  // begun are then left out.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& body);

  // Calls body(team, rank) once for each member of a team of the caller and those threads that are
  // idle now, at most `most` in all, and returns when all have finished. Unlike the bodies of a
  // loop, those of a team run at the same time. An exception that one throws is thrown here; the
  // others end at their next barrier.
  using Member = std::function<void(Team& team, std::size_t rank)>;
  void run_together(std::size_t most, const Member& body);

  // One of the pool's threads calls `task` when it is free; tasks are begun in order, after loops
  // and teams. Needs a pool of more than 1 thread. A task must not throw. Those that have not begun
  // when the pool ends are dropped.
  void post(std::function<void()> task);

 private:
  struct Loop;
  struct Gang;
  void work();
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  void help(std::unique_lock<std::mutex>& lock);
  void offer_work(std::size_t pieces);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::list<std::shared_ptr<Loop>> loops_;  // with indices left to hand out
  std::list<std::shared_ptr<Gang>> gangs_;  // with ranks left to take
  std::deque<std::function<void()>> tasks_;
  std::size_t idle_ = 0;  // threads without work that no gang counts on
  std::size_t sleeping_ = 0;
  std::atomic<bool> work_there_ = false;  // one of the three has something; for those that poll
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace valence
