#include "trends/record_batch.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace valence {
namespace {

constexpr std::size_t kRecords = 1024;
constexpr std::size_t kBytes = std::size_t{256} << 10;  // and one record more

std::array<std::string_view*, 5> views_of(Record& record) {
  return {&record.time, &record.label, &record.group, &record.text, &record.error};
}

}  // namespace

bool RecordBatch::fill(RecordSource& source) {
  bytes_.clear();
  records_.clear();
  Record record;
  while (records_.size() < kRecords && bytes_.size() < kBytes && source.next(record)) {
    for (const std::string_view* view : views_of(record)) bytes_ += *view;
    records_.push_back(record);
  }
  look_at_copies();
  consumed_ = source.consumed();
  return !records_.empty();
}

// Only once all are there do the bytes stay where they are.
void RecordBatch::look_at_copies() {
  std::string_view rest = bytes_;
  for (Record& record : records_)
    for (std::string_view* view : views_of(record)) {
      *view = rest.substr(0, view->size());
      rest.remove_prefix(view->size());
    }
}

}  // namespace valence
