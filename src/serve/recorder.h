// What the server answered, kept in a store for the dashboard and for `valence trends`.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "serve/metrics.h"
#include "serve/observer.h"
#include "store/result_store.h"

namespace valence::serve {

struct StoreOptions {
  std::filesystem::path path;       // empty: nothing is kept
  bool texts = false;               // keep the texts too
  std::uint64_t rows = 1'000'000;   // that are kept at most
  std::chrono::hours age{24 * 90};  // of the oldest one that is kept
  std::size_t queue_rows = 20'000;  // that wait for the disk at most
  std::size_t queue_bytes = std::size_t{32} << 20;
  std::chrono::milliseconds patience{1000};      // with a file that another program has locked
  std::function<void(const std::string&)> warn;  // is told when writing fails, and when it goes on
};

// Rows are written by a thread of its own: neither a slow nor a full disk nor a locked file holds
// up a request. What cannot be written waits; what then finds no room is dropped and counted.
// Thread-safe.
class ResultRecorder final : public AnswerObserver {
 public:
  // Throws what ResultStore does where the file cannot be opened for writing.
  ResultRecorder(StoreOptions options, Metrics& metrics);
  ~ResultRecorder() override;

  void answered(const AnswerEvent& event) override;

  struct Status {
    std::uint64_t written = 0, dropped = 0;  // since the start
    std::size_t waiting = 0;
    std::string trouble;  // why nothing can be written now; empty: all is well
  };
  Status status() const;

  const StoreOptions& options() const { return options_; }
  // Returns when all that was answered so far has been written, dropped or could not be written.
  void flush();

 private:
  struct Waiting {
    StoredResult result;
    std::size_t bytes = 0;
    bool complete = false;  // it has the scores of all labels
  };
  void work();
  bool write(const std::vector<Waiting>& batch);
  void trim();
  void note_trouble(const std::string& why);

  const StoreOptions options_;
  Counter &written_, &dropped_, &failures_;
  std::optional<ResultStore> store_;  // the thread's own; none after a failure
  std::uint64_t written_since_trim_ = 0;
  std::chrono::steady_clock::time_point trimmed_at_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_, settled_;
  std::deque<Waiting> queue_;
  std::size_t queue_bytes_ = 0;
  std::size_t writing_ = 0;     // rows that the thread holds
  std::uint64_t attempts_ = 0;  // batches written or failed
  bool ending_ = false;
  std::string trouble_;
  std::thread thread_;
};

}  // namespace valence::serve
