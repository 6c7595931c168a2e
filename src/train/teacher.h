// Knowledge distillation: what another model says of the training rows.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "train/dataset.h"

namespace valence::train {

// Fills Example::teacher with the logits of the model at `path` in the order of `labels`.
// `examples` are those of `rows`, in order. Throws Error(kInvalidArgument) where the teacher knows
// other classes.
void ask_teacher(const std::filesystem::path& path, const RawRows& rows,
                 const std::vector<std::string>& labels, std::size_t threads,
                 std::vector<Example>& examples);

}  // namespace valence::train
