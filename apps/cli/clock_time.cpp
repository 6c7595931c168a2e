#include "apps/cli/clock_time.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace valence::cli {

std::string clock_time(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::clamp(seconds, 0.0, 3.6e8));
  std::array<char, 40> text{};
  if (whole >= 3600)
    std::snprintf(text.data(), text.size(), "%llu:%02llu:%02llu",
                  static_cast<unsigned long long>(whole / 3600),
                  static_cast<unsigned long long>(whole / 60 % 60),
                  static_cast<unsigned long long>(whole % 60));
  else
    std::snprintf(text.data(), text.size(), "%llu:%02llu",
                  static_cast<unsigned long long>(whole / 60),
                  static_cast<unsigned long long>(whole % 60));
  return text.data();
}

}  // namespace valence::cli
