// A run on disk: what is needed to go on with it.
#pragma once

#include <torch/optim/adamw.h>

#include <filesystem>
#include <optional>

#include "base/json.h"
#include "train/trainable_model.h"

namespace valence::train {

// Each file appears whole or not at all. All functions throw Error: kIo, kCorrupt.
class Checkpoints {
 public:
  explicit Checkpoints(const std::filesystem::path& output) : folder_(output / "checkpoint") {}

  const std::filesystem::path& folder() const { return folder_; }
  bool exists() const;

  // What a run was asked to do, by names that people know; written when it begins.
  Json identity() const;
  void begin(const Json& identity) const;

  void save(const Json& state, const TrainableModel& model, torch::optim::AdamW& optimizer) const;
  // Fills model and optimizer; the state, or nothing where none has been saved yet.
  std::optional<Json> load(TrainableModel& model, torch::optim::AdamW& optimizer) const;

  void save_best(const TrainableModel& model) const;
  void load_best(TrainableModel& model) const;

  void remove() const;

 private:
  std::filesystem::path folder_;
};

}  // namespace valence::train
