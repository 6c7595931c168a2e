// Threads that run one function together and meet at barriers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>

namespace valence {

// Members have the ranks 0 ... size() - 1.
class Team {
 public:
  explicit Team(std::size_t size) : size_(size) {}
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  std::size_t size() const { return size_; }

  // Returns once every member has called it. What members wrote before is seen by all after it.
  // Throws Broken where a member has failed and will not come.
  void barrier();

  // A member's function threw: wakes the others, and keeps the first exception.
  void fail(std::exception_ptr error);
  // Throws it, where there is one.
  void rethrow() const;

  // Leaves a member's function early; the member that failed has the reason.
  struct Broken {};

 private:
  void check() const {
    if (broken_.load(std::memory_order_acquire)) throw Broken{};
  }

  const std::size_t size_;
  std::atomic<std::size_t> arrived_ = 0;
  std::atomic<std::uint32_t> round_ = 0;
  std::atomic<bool> broken_ = false;
  std::mutex mutex_;
  std::exception_ptr error_;
};

// [begin, end) of `count` items for one of `parts` neighbours: as equal as can be.
struct Share {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const { return end - begin; }
};
inline Share share_of(std::int64_t count, std::size_t part, std::size_t parts) {
  const auto index = static_cast<std::int64_t>(part);
  const auto all = static_cast<std::int64_t>(parts);
  return {count * index / all, count * (index + 1) / all};
}

}  // namespace valence
