#include "apps/cli/progress_bar.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "apps/cli/clock_time.h"
#include "apps/cli/tally.h"
#include "apps/cli/terminal.h"

namespace valence::cli {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);  // between drawings
constexpr std::size_t kBarWidth = 24;

}  // namespace

void ProgressBar::start(std::uint64_t bytes) {
  first_byte_ = bytes;
  begin_ = Clock::now();
}

void ProgressBar::show(std::uint64_t rows, std::uint64_t bytes, std::uint64_t total) {
  const Clock::time_point now = Clock::now();
  if (!shown_ || now - last_ < kPause) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  std::string line;
  if (total > 0) {
    const double share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total));
    const auto full = static_cast<std::size_t>(share * kBarWidth);
    line.append(1, '[').append(full, '#').append(kBarWidth - full, '.');
    line += "] " + std::to_string(static_cast<int>(100 * share)) + " %  ";
  }
  line += grouped(rows) + " rows";
  if (seconds > 0.5)
    line +=
        "  " + grouped(static_cast<std::uint64_t>(static_cast<double>(rows) / seconds)) + " rows/s";
  if (total > 0 && bytes > first_byte_ && seconds > 0.5)
    line += "  " +
            clock_time(seconds * static_cast<double>(total - std::min(total, bytes)) /
                       static_cast<double>(bytes - first_byte_)) +
            " left";
  line.resize(std::min(line.size(), terminal_width(stderr) - 1));
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace valence::cli
