// Records that a thread of its own reads while those before are being used.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "trends/records.h"

namespace valence {

// The records of another source, in the same order, some thousands ahead at most. What that source
// throws is thrown by next() in its place. While this one lives, nobody else may use the other
// source, nor what it reads from.
class RecordsAhead final : public RecordSource {
 public:
  explicit RecordsAhead(std::unique_ptr<RecordSource> source);
  ~RecordsAhead() override;

  bool next(Record& record) override;
  std::uint64_t consumed() const override { return used_ == nullptr ? 0 : used_->consumed; }
  std::uint64_t total() const override { return total_; }

 private:
  struct Batch {
    std::string bytes;  // what the records' views look at, one behind the other
    std::vector<Record> records;
    std::uint64_t consumed = 0;  // of the source, behind the last record
    bool last = false;
    std::exception_ptr error;  // behind the last record
  };
  static constexpr std::size_t kBatches = 4;

  void read();
  void fill(Batch& batch);
  bool take_batch();

  const std::unique_ptr<RecordSource> source_;
  const std::uint64_t total_;
  std::array<Batch, kBatches> batches_;
  Batch* used_ = nullptr;  // by next()
  std::size_t place_ = 0;  // in it

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t filled_ = 0, taken_ = 0;  // batches, since the beginning
  bool stopping_ = false;
  std::thread reader_;
};

}  // namespace valence
