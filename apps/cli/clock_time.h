// Spans of time as people read them.
#pragma once

#include <string>

namespace valence::cli {

std::string clock_time(double seconds);  // "4:07", "1:04:07"

}  // namespace valence::cli
