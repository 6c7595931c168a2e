// One JSON object a line for each request.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "serve/metrics.h"

namespace valence::serve {

struct AccessEntry {
  std::chrono::system_clock::time_point time;
  std::string request_id, client, method, route, model, error;
  int status = 0;
  std::size_t bytes_in = 0, bytes_out = 0, texts = 0, tokens = 0;
  double seconds = 0, tokenize_seconds = 0, queue_seconds = 0, inference_seconds = 0;
  std::vector<std::string> content;  // the texts, where the log was asked to have them
};

// Lines are written by a thread of the log's own: neither a slow nor a full disk holds up a
// request. Lines that cannot be kept or written are dropped and counted. Thread-safe.
class AccessLog {
 public:
  // "-" is standard output; empty: nothing is logged. Throws Error(kIo) where the file cannot be
  // opened.
  AccessLog(const std::filesystem::path& path, Metrics& metrics);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  bool enabled() const { return !path_.empty(); }
  void write(const AccessEntry& entry);
  // Opens the file anew, for programs that move logs away; where that fails the old one is kept,
  // and Error(kIo) is thrown.
  void reopen();

 private:
  void work();
  bool put(std::string text);

  const std::filesystem::path path_;
  Counter& dropped_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  bool ending_ = false;
  int descriptor_ = -1;
  bool broken_off_ = false;  // the disk was full in the middle of a line; the thread's own
  std::thread thread_;
};

}  // namespace valence::serve
