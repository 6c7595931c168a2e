#include "apps/train/console.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "apps/cli/clock_time.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/terminal.h"

namespace valence::cli {
namespace {

constexpr auto kPauseAtTerminal = std::chrono::milliseconds(200);
constexpr auto kPauseInLog = std::chrono::seconds(30);
constexpr std::size_t kBarWidth = 20;

std::string line_of(const train::StepReport& report, bool bar) {
  const double share = static_cast<double>(report.step) / static_cast<double>(report.steps);
  std::string line;
  if (bar) {
    const auto full = static_cast<std::size_t>(share * kBarWidth);
    line.append(1, '[').append(full, '#').append(kBarWidth - full, '.').append("] ");
  }
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(),
                "step %lld/%lld  loss %.4f  rate %.1e  %s left  epoch %.2f  %.0f tokens/s",
                static_cast<long long>(report.step), static_cast<long long>(report.steps),
                report.loss, report.rate, clock_time(report.seconds_left).c_str(), report.epoch,
                report.tokens_per_second);
  return line + text.data();
}

}  // namespace

std::string figures_text(const train::Figures& figures) {
  std::string text;
  for (const auto& [name, value] : figures) {
    std::array<char, 40> number{};
    std::snprintf(number.data(), number.size(), " %.4f", value);
    text += (text.empty() ? "" : ", ") + name + number.data();
  }
  return text;
}

void Console::say(const std::string& sentence) {
  clear();
  if (!quiet_) std::fprintf(stderr, "valence: %s\n", sentence.c_str());
}

void Console::step(const train::StepReport& report) {
  const Clock::time_point now = Clock::now();
  if (quiet_ || now - last_ < (progress_ ? Clock::duration(kPauseAtTerminal) : kPauseInLog)) return;
  last_ = now;
  std::string line = line_of(report, progress_);
  if (!progress_) {
    std::fprintf(stderr, "valence: %s\n", line.c_str());
    return;
  }
  line.resize(std::min(line.size(), terminal_width(stderr) - 1));
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Console::validated(std::int64_t step, const train::Figures& figures, bool best) {
  say("after step " + std::to_string(step) + ": " + figures_text(figures) +
      (best ? "  (best so far)" : ""));
}

bool Console::wants_stop() {
  return Interrupt::signal() != 0;
}

void Console::clear() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace valence::cli
