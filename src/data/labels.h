// The labels of rows: what kind of answer they are, and which of a model's classes they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace valence {

// One class a row, any number of classes, or a number.
enum class Task { kSingleLabel, kMultiLabel, kRegression };

// In lower case as far as ASCII goes: labels that have the same fold mean the same class.
std::string folded_label(std::string_view label);

// The place of a label among `names`: the same bytes, else the same fold.
std::optional<std::uint32_t> find_label(std::span<const std::string> names, std::string_view label);

// The number that a label is; nothing where it is none, or not finite.
std::optional<double> number_of_label(std::string_view label);

}  // namespace valence
