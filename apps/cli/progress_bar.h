// A line at the terminal that shows how far a long run is.
#pragma once

#include <chrono>
#include <cstdint>

namespace valence::cli {

// Draws on standard error; draws nothing where `shown` is false. Not thread-safe.
class ProgressBar {
 public:
  explicit ProgressBar(bool shown) : shown_(shown) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Where the work starts; rates are counted from here.
  void start(std::uint64_t bytes);

  // `rows` since the start; `bytes` of `total` (0: unknown) of the input have been read.
  void show(std::uint64_t rows, std::uint64_t bytes, std::uint64_t total);

  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool shown_;
  bool drawn_ = false;
  std::uint64_t first_byte_ = 0;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_;
};

}  // namespace valence::cli
