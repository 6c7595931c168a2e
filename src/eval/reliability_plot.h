// A reliability diagram as a picture.
#pragma once

#include <string>

#include "eval/reliability.h"

namespace valence {

// A complete SVG document that needs nothing else: for each bin a bar of the accuracy, the diagonal
// of perfect calibration, the number of decisions below, and ECE in the title. `title`
// may be any UTF-8.
std::string reliability_svg(const Reliability& reliability, const std::string& title);

}  // namespace valence
