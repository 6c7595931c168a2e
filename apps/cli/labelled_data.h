// Labelled rows of several files, and their labels by the names that a model knows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "apps/cli/labelled_settings.h"
#include "data/labelled_rows.h"
#include "data/labels.h"

namespace valence::cli {

// What a model's answers are compared with. Throws Error(kUnsupported) for several numbers a text.
Task task_of(const ModelInfo& model);

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

// Throws Error(kInvalidArgument) that lists both sides where the data have labels that are not
// among `names`.
void check_label_names(const LabelledData& data, std::span<const std::string> names);

// "no usable row", "3 rows unusable, the first ...": lines for people, empty where all is well.
std::string told_rows(const LabelledData& data);

}  // namespace valence::cli
