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

}  // namespace valence
