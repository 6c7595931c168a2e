// Reports over the store, kept while making them anew would be a burden to the server.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace valence::serve {

// Thread-safe. One report is made at a time; others wait for it.
class KeptReports {
 public:
  using Clock = std::chrono::steady_clock;
  // However many clients ask for a report, making it takes at most one part in this many of the
  // time.
  static constexpr int kAgePerCost = 10;
  static constexpr std::chrono::seconds kOldest{60};

  explicit KeptReports(std::function<Clock::time_point()> now = Clock::now)
      : now_(std::move(now)) {}

  // What `make` returned for this key, now or so short a time ago that it would be made too often:
  // kAgePerCost times the time that it took, kOldest at most. What `make` throws is thrown here,
  // and nothing is kept.
  std::string get(const std::string& key, const std::function<std::string()>& make);

 private:
  struct Kept {
    std::string report;
    Clock::time_point until;
  };
  void let_go_of_old(Clock::time_point now);

  const std::function<Clock::time_point()> now_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

}  // namespace valence::serve
