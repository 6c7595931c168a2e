// Some thousand records at a time, to be used while another thread reads the next ones.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trends/records.h"

namespace valence {

// Records in memory of their own: their views are valid until the batch is filled again.
class RecordBatch {
 public:
  RecordBatch() = default;
  RecordBatch(const RecordBatch&) = delete;
  RecordBatch& operator=(const RecordBatch&) = delete;

  // Takes the next records of the source, in place of those that are here; false where there are
  // none. Throws what the source throws; the batch is of no use then.
  bool fill(RecordSource& source);

  std::span<const Record> records() const { return records_; }
  std::uint64_t consumed() const { return consumed_; }  // of the source, behind the last record

 private:
  void look_at_copies();

  std::string bytes_;  // of all views, one behind the other
  std::vector<Record> records_;
  std::uint64_t consumed_ = 0;
};

}  // namespace valence
