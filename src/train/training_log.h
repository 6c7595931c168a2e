// One JSON object a line: what happened in a run.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/json.h"

namespace valence::train {

// OUTPUT/training_log.jsonl; while the run lasts it has ".partial" behind its name, which only one
// program can write at a time.
class TrainingLog {
 public:
  // Goes on with the first `keep_bytes` of an interrupted run's log.
  TrainingLog(const std::filesystem::path& output, std::uint64_t keep_bytes)
      : file_(output / "training_log.jsonl", AtomicFile::Start::kResume, keep_bytes) {}

  void write(const Json& event) { file_.write(event.dump() + "\n"); }
  std::uint64_t size() const { return file_.size(); }
  void finish() { file_.commit(); }

 private:
  AtomicFile file_;
};

}  // namespace valence::train
