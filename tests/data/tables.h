// Reading a table from a string, for the tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/row_formats.h"

namespace valence {

inline std::vector<Row> read_all(RowReader& reader) {
  std::vector<Row> rows;
  for (Row row; reader.next(row);) rows.push_back(row);
  return rows;
}

inline std::unique_ptr<RowReader> reader_of(std::string_view format, std::string_view bytes,
                                            ReadOptions options = {}) {
  const RowFormat& found = row_format(format);
  options.origin = "table";
  options.delimiter = found.delimiter;
  return found.make_reader(memory_source(bytes), options);
}

inline std::vector<Row> read_table(std::string_view format, std::string_view bytes,
                                   const ReadOptions& options = {}) {
  return read_all(*reader_of(format, bytes, options));
}

// Hands out a few bytes at a time, so that everything is torn apart somewhere.
class DripSource final : public ByteSource {
 public:
  DripSource(std::string_view bytes, std::size_t step) : bytes_(bytes), step_(step) {}
  std::size_t read(std::span<char> into) override {
    const std::size_t count = bytes_.copy(into.data(), std::min(step_, into.size()), consumed_);
    consumed_ += count;
    return count;
  }
  std::uint64_t consumed() const override { return consumed_; }
  std::uint64_t total() const override { return 0; }

 private:
  std::string_view bytes_;
  std::size_t step_;
  std::size_t consumed_ = 0;
};

}  // namespace valence
