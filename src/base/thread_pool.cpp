#include "base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <fstream>
#include <string>

namespace valence {

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
    const std::lock_guard lock(mutex);
    if (--helpers == 0) done.notify_all();
  }

  void wait_for_helpers() {
    std::unique_lock lock(mutex);
    done.wait(lock, [this] { return helpers == 0; });
    if (error) std::rethrow_exception(error);
  }

  const std::size_t count;
  const std::function<void(std::size_t)>& body;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::condition_variable done;
  std::size_t helpers = 0;  // pool threads inside run()
  std::exception_ptr error;
};

ThreadPool::ThreadPool(std::size_t threads) {
  for (std::size_t i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  const auto loop = std::make_shared<Loop>(count, body);
  const bool shared = count > 1 && !workers_.empty();
  if (shared) {
    {
      const std::lock_guard lock(mutex_);
      loops_.push_back(loop);
    }
    wake_.notify_all();
  }
  loop->run();
  if (shared) {
    const std::lock_guard lock(mutex_);
    loops_.remove(loop);
  }
  loop->wait_for_helpers();
}

void ThreadPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !loops_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<Loop> loop = loops_.front();
    {
      const std::lock_guard loop_lock(loop->mutex);
      ++loop->helpers;
    }
    lock.unlock();
    loop->run();
    lock.lock();
    loops_.remove(loop);
    loop->leave();
  }
}

namespace {

// cgroup v2: "max 100000" or "<quota> <period>" in microseconds.
std::size_t processors_by_quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return SIZE_MAX;
  const double processors = std::strtod(quota.c_str(), nullptr) / period;
  return processors >= 1 ? static_cast<std::size_t>(std::lround(processors)) : 1;
}

}  // namespace

std::size_t available_processors() {
  std::size_t count = std::max(1U, std::thread::hardware_concurrency());
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    count = std::max<std::size_t>(1, static_cast<std::size_t>(CPU_COUNT(&set)));
  return std::min(count, processors_by_quota());
}

}  // namespace valence
