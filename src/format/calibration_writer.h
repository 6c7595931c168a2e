// A model with another calibration, and nothing else changed.
#pragma once

#include <filesystem>
#include <span>

namespace valence {

struct CalibrationValues {
  double temperature = 1;
  std::span<const float> thresholds;  // empty: none
};

// Throws Error(kInvalidArgument) where `target` cannot take the place of a copy of `model`: it is
// there already, or is named as another kind of model.
void check_calibrated_copy(const std::filesystem::path& model, const std::filesystem::path& target);

// Writes `model`, a Hugging Face folder or a GGUF file, as `target` with this calibration; an empty
// target changes the model in place. What is replaced is replaced in one step. A folder's
// config.json keeps its other members and their order, a GGUF file the bytes of its tensors and
// other keys; a copy of a folder has its plain files, not its subfolders. Throws Error: kCorrupt,
// kIo, and as check_calibrated_copy.
void write_calibration(const std::filesystem::path& model, const std::filesystem::path& target,
                       const CalibrationValues& values);

}  // namespace valence
