// A run of training as a person watches it.
#pragma once

#include <chrono>
#include <string>

#include "train/trainer.h"

namespace valence::cli {

// Tells on standard error; the progress line is drawn at a terminal only.
class Console : public train::Observer {
 public:
  Console(bool quiet, bool progress) : quiet_(quiet), progress_(progress) {}
  ~Console() override { clear(); }

  void say(const std::string& sentence) override;
  void step(const train::StepReport& report) override;
  void validated(std::int64_t step, const train::Figures& figures, bool best) override;
  bool wants_stop() override;

  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool quiet_;
  bool progress_;
  bool drawn_ = false;
  Clock::time_point last_;
};

std::string figures_text(const train::Figures& figures);  // "accuracy 0.912, loss 0.231"

}  // namespace valence::cli
