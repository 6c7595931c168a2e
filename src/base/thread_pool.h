// Resident threads that share out the indices of loops.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace valence {

// Idle threads sleep. Any number of callers may run loops at once; a loop body may run another
// loop.
class ThreadPool {
 public:
  // `threads` counts the caller: a pool of 1 starts no thread. At least 1.
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t threads() const { return workers_.size() + 1; }

  // Calls body(0) ... body(count - 1), each once, on the caller and the pool's threads, and returns
  // when all have finished. The first exception that a body throws is thrown here; indices not yet
  // begun are then left out.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  struct Loop;
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::list<std::shared_ptr<Loop>> loops_;  // with indices left to hand out
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

// The processors this process may use: affinity mask and the container's CPU quota respected. At
// least 1.
std::size_t available_processors();

}  // namespace valence
