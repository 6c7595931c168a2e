#include "base/team.h"

#include <utility>

#include "base/spin.h"

namespace valence {

void Team::barrier() {
  if (size_ == 1) return;
  check();
  const std::uint32_t round = round_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
    arrived_.store(0, std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_acq_rel);
    round_.notify_all();
  } else {
    const auto passed = [&] { return round_.load(std::memory_order_acquire) != round; };
    if (!spin_until(passed))
      while (!passed()) round_.wait(round, std::memory_order_acquire);
  }
  check();
}

void Team::fail(std::exception_ptr error) {
  {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  broken_.store(true, std::memory_order_release);
  round_.fetch_add(1, std::memory_order_acq_rel);
  round_.notify_all();
}

void Team::rethrow() const {
  if (error_) std::rethrow_exception(error_);
}

}  // namespace valence
