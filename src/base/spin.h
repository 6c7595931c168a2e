// Waiting a little without giving the processor away.
#pragma once

#include <atomic>
#include <cstdint>

namespace valence {

inline void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Polls for some tens of microseconds: about what waking a thread costs. Whether `done` came true.
template <typename Condition>
bool spin_until(Condition done) {
  constexpr int kPolls = 2000;
  for (int i = 0; i < kPolls; ++i) {
    if (done()) return true;
    pause_briefly();
  }
  return false;
}

}  // namespace valence
