// A CSV file that several programs append to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/result_store.h"

namespace valence {

// Writers take turns (flock on the file). What one append() writes is there as a whole or not at
// all, whenever a writer is killed: FILE.journal says while bytes are on their way how many were
// there before, and the next writer completes the turn or takes it back. FILE.runs keeps how far
// the runs of `classify` have come, changed in the same turn.
//
// Readers need no lock; one that comes at the wrong moment sees a row cut off at the end.
class CsvLog {
 public:
  // A file that is not there yet gets these columns. Throws Error: kInvalidArgument where the file
  // has others, kCorrupt, kIo.
  CsvLog(std::filesystem::path path, std::vector<std::string> columns);

  // `rows` are whole lines of CSV. Throws Error(kIo).
  void append(std::string_view rows, const StoredRun* run = nullptr);

  std::optional<StoredRun> find_run(const std::string& key);

  const std::filesystem::path& path() const { return path_; }

 private:
  class Turn;

  std::string header() const;
  void check_columns(int descriptor) const;

  std::filesystem::path path_;
  std::vector<std::string> columns_;
};

}  // namespace valence
