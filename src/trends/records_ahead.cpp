#include "trends/records_ahead.h"

#include <utility>

namespace valence {
namespace {

constexpr std::size_t kRecords = 1024;                  // of a batch
constexpr std::size_t kBytes = std::size_t{256} << 10;  // of a batch, and one record more

std::array<std::string_view*, 5> views_of(Record& record) {
  return {&record.time, &record.label, &record.group, &record.text, &record.error};
}

}  // namespace

RecordsAhead::RecordsAhead(std::unique_ptr<RecordSource> source)
    : source_(std::move(source)), total_(source_->total()), reader_([this] { read(); }) {}

RecordsAhead::~RecordsAhead() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  reader_.join();
}

bool RecordsAhead::next(Record& record) {
  while (used_ == nullptr || place_ == used_->records.size())
    if (!take_batch()) return false;
  record = used_->records[place_++];
  return true;
}

// The next batch, when the one before has been used; false at the end.
bool RecordsAhead::take_batch() {
  if (used_ != nullptr && used_->error) std::rethrow_exception(used_->error);
  if (used_ != nullptr && used_->last) return false;
  {
    std::unique_lock lock(mutex_);
    if (used_ != nullptr) ++taken_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return filled_ > taken_; });
    used_ = &batches_[taken_ % kBatches];
  }
  place_ = 0;
  return true;
}

void RecordsAhead::read() {
  bool last = false;
  while (!last) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || filled_ - taken_ < kBatches; });
    if (stopping_) return;
    Batch& batch = batches_[filled_ % kBatches];
    lock.unlock();
    fill(batch);
    last = batch.last || batch.error;
    lock.lock();
    ++filled_;
    changed_.notify_all();
  }
}

void RecordsAhead::fill(Batch& batch) {
  batch.bytes.clear();
  batch.records.clear();
  try {
    Record record;
    while (batch.records.size() < kRecords && batch.bytes.size() < kBytes) {
      if (!source_->next(record)) {
        batch.last = true;
        break;
      }
      for (const std::string_view* view : views_of(record)) batch.bytes += *view;
      batch.records.push_back(record);
    }
    batch.consumed = source_->consumed();
  } catch (...) {
    batch.error = std::current_exception();
  }
  // Only now do the bytes stay where they are.
  std::string_view rest = batch.bytes;
  for (Record& record : batch.records)
    for (std::string_view* view : views_of(record)) {
      *view = rest.substr(0, view->size());
      rest.remove_prefix(view->size());
    }
}

}  // namespace valence
