// The learning rate over a run.
#pragma once

#include <algorithm>
#include <cstdint>

namespace valence::train {

// Linear warm-up from 0 to 1, then linear decay to 0: the share of the highest rate at `step`,
// counted from 0, of `total`. The same as get_linear_schedule_with_warmup of transformers.
inline double rate_share(std::int64_t step, std::int64_t total, double warmup) {
  const auto rising = static_cast<double>(std::clamp<std::int64_t>(
      static_cast<std::int64_t>(warmup * static_cast<double>(total)), 0, total));
  const auto at = static_cast<double>(step);
  if (at < rising) return at / std::max(1.0, rising);
  return std::max(
      0.0, (static_cast<double>(total) - at) / std::max(1.0, static_cast<double>(total) - rising));
}

}  // namespace valence::train
