#include "data/labels.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace valence {

std::string folded_label(std::string_view label) {
  std::string folded(label);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded;
}

std::optional<std::uint32_t> find_label(std::span<const std::string> names,
                                        std::string_view label) {
  auto found = std::find(names.begin(), names.end(), label);
  if (found == names.end())
    found = std::find_if(
        names.begin(), names.end(),
        [folded = folded_label(label)](const auto& name) { return folded_label(name) == folded; });
  if (found == names.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - names.begin());
}

std::optional<double> number_of_label(std::string_view label) {
  double value = 0;
  const auto [end, failed] = std::from_chars(label.data(), label.data() + label.size(), value);
  const bool whole = failed == std::errc() && end == label.data() + label.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace valence
