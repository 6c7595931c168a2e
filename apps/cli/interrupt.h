// Ctrl-C and SIGTERM as a wish to stop soon, instead of an end in the middle.
#pragma once

namespace valence::cli {

// While one of these lives, the first signal is noted and the second ends the program. One at a
// time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  static int signal();  // the signal that came, or 0; for any thread
};

}  // namespace valence::cli
