// The seam for what trends are made from: tables, stores, answers of a server.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace valence {

// One labelled row. Views are valid until the next one is read.
struct Record {
  std::uint64_t line = 0;           // of the file, or the id in a store
  std::string_view time;            // as it is written
  std::optional<std::int64_t> utc;  // in place of it: seconds since 1970
  std::string_view label;
  std::string_view group;
  std::string_view text;
  std::optional<double> score;     // of the label
  std::optional<double> polarity;  // from the scores of all labels
  std::string_view error;          // not empty: the row cannot be read
};

class RecordSource {
 public:
  RecordSource() = default;
  virtual ~RecordSource() = default;
  RecordSource(const RecordSource&) = delete;
  RecordSource& operator=(const RecordSource&) = delete;

  virtual bool next(Record& record) = 0;  // false at the end and ever after; throws Error

  virtual std::uint64_t consumed() const { return 0; }  // bytes, for a progress bar
  virtual std::uint64_t total() const { return 0; }     // 0: not known
};

}  // namespace valence
