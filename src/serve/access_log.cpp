#include "serve/access_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>

#include "base/json.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

constexpr std::size_t kMostLines = 65536;  // that wait for a slow disk

int open_log(const std::filesystem::path& path) {
  if (path == "-") return STDOUT_FILENO;
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0)
    throw Error(ErrorCode::kIo,
                "cannot open the log " + path.string() + ": " + std::strerror(errno));
  return descriptor;
}

void close_log(int descriptor) {
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

std::string timestamp(std::chrono::system_clock::time_point time) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(milliseconds % 1000));
  return text.data();
}

double milliseconds(double seconds) {
  return std::round(seconds * 1e6) / 1e3;
}

std::string line_of(const AccessEntry& entry) {
  nlohmann::ordered_json line{{"time", timestamp(entry.time)}, {"request_id", entry.request_id},
                              {"method", entry.method},        {"route", entry.route},
                              {"status", entry.status},        {"ms", milliseconds(entry.seconds)},
                              {"bytes_in", entry.bytes_in},    {"bytes_out", entry.bytes_out}};
  if (!entry.client.empty()) line["client"] = entry.client;
  if (entry.texts > 0) {
    line["model"] = entry.model;
    line["texts"] = entry.texts;
    line["tokens"] = entry.tokens;
    line["tokenize_ms"] = milliseconds(entry.tokenize_seconds);
    line["queue_ms"] = milliseconds(entry.queue_seconds);
    line["inference_ms"] = milliseconds(entry.inference_seconds);
  }
  if (!entry.error.empty()) line["error"] = entry.error;
  if (!entry.content.empty()) line["content"] = entry.content;
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

AccessLog::AccessLog(const std::filesystem::path& path, Metrics& metrics)
    : path_(path),
      dropped_(metrics.counter("valence_log_lines_dropped_total",
                               "Lines of the access log that could not be written.")) {
  if (!enabled()) return;
  descriptor_ = open_log(path_);
  thread_ = std::thread([this] { work(); });
}

AccessLog::~AccessLog() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
  close_log(descriptor_);
}

void AccessLog::write(const AccessEntry& entry) {
  if (!enabled()) return;
  std::string line = line_of(entry);
  {
    const std::lock_guard lock(mutex_);
    if (lines_.size() >= kMostLines) return dropped_.add();
    lines_.push_back(std::move(line));
    if (lines_.size() > 1) return;  // the thread has been woken
  }
  changed_.notify_one();
}

void AccessLog::reopen() {
  if (!enabled()) return;
  const int fresh = open_log(path_);
  const std::lock_guard lock(mutex_);
  // The thread may be writing to the old descriptor: the number stays, what is behind it changes.
  if (fresh == descriptor_) return;
  ::dup3(fresh, descriptor_, O_CLOEXEC);
  close_log(fresh);
}

void AccessLog::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !lines_.empty(); });
    if (lines_.empty()) return;
    std::string block;
    std::size_t count = 0;
    for (; !lines_.empty() && block.size() < (std::size_t{1} << 16); ++count) {
      block += lines_.front();
      lines_.pop_front();
    }
    lock.unlock();
    if (!put(std::move(block))) dropped_.add(count);
    lock.lock();
  }
}

// Whether all has been written.
bool AccessLog::put(std::string text) {
  if (broken_off_) text.insert(text.begin(), '\n');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(descriptor_, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      broken_off_ = broken_off_ || done > 0;
      return false;
    }
    done += static_cast<std::size_t>(count);
  }
  broken_off_ = false;
  return true;
}

}  // namespace valence::serve
