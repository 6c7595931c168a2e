#include "apps/cli/interrupt.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <string_view>

namespace valence::cli {
namespace {

std::atomic<int> received = 0;
static_assert(std::atomic<int>::is_always_lock_free);
constexpr std::array<int, 2> kSignals{SIGINT, SIGTERM};

void note(int number) {
  constexpr std::string_view kText =
      "\nvalence: stopping after the rows in work; the same signal again stops at once\n";
  received = number;
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, kText.data(), kText.size());
}

}  // namespace

Interrupt::Interrupt() {
  received = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  for (const int number : kSignals) ::sigaction(number, &action, nullptr);
}

Interrupt::~Interrupt() {
  for (const int number : kSignals) ::signal(number, SIG_DFL);
}

int Interrupt::signal() {
  return received;
}

}  // namespace valence::cli
