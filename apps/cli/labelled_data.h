// Labelled rows of several files, and their labels by the names that a model knows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/labelled_settings.h"
#include "data/labelled_rows.h"

namespace valence::cli {

// What a model's answers are compared with.
enum class Task { kSingleLabel, kMultiLabel, kRegression };
Task task_of(const ModelInfo& model);  // throws Error(kUnsupported) for several numbers a text

struct LabelledData {
  std::string files;              // for people
  std::vector<LabelledRow> rows;  // `labels` are those of the data
  std::size_t dropped = 0;        // by the label map
  std::size_t unusable = 0;
  std::string first_problem;
};

// Everything that can be refused before a model is loaded: files that are not there, a wrong map.
void check_labelled_settings(const LabelledSettings& settings);

// Throws Error, also where no usable row is left.
LabelledData read_labelled_data(const LabelledSettings& settings, Task task);

// The place of a label among `names`: the same bytes, else the same letters without regard to the
// case of ASCII.
std::optional<std::uint32_t> find_name(std::span<const std::string> names, std::string_view label);

// Throws Error(kInvalidArgument) that lists both sides where the data have labels that are not
// among `names`.
void check_label_names(const LabelledData& data, std::span<const std::string> names);

// The number that a label is; nothing where it is none.
std::optional<double> number_of(const std::string& label);

// "no usable row", "3 rows unusable, the first ...": lines for people, empty where all is well.
std::string told_rows(const LabelledData& data);

}  // namespace valence::cli
