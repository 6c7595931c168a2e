// The seam for formats of rows: one row in the table of row_formats.cpp each.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/row.h"
#include "data/row_writer.h"

namespace valence {

struct RowFormat {
  std::string_view name;
  std::vector<std::string_view> extensions;
  bool fixed_columns;    // all rows have the same columns
  char delimiter;        // 0: it has none
  bool other_delimiter;  // the user may choose another
  std::unique_ptr<RowReader> (*make_reader)(std::unique_ptr<ByteSource>, const ReadOptions&);
  std::unique_ptr<RowWriter> (*make_writer)(WriteOptions);
};

std::span<const RowFormat> row_formats();

// By name. Throws Error(kInvalidArgument) listing the names.
const RowFormat& row_format(std::string_view name);

// By the file's extension, one of ".gz" passed over; null where it is not known.
const RowFormat* row_format_of(const std::filesystem::path& path);

// The format named, or that of the file's name; one whose rows have columns. Throws
// Error(kInvalidArgument).
const RowFormat& table_format(const std::filesystem::path& path, const std::string& name);

// What separates fields: as `given` ("" is the format's own, "tab"). Throws
// Error(kInvalidArgument).
char delimiter_for(const RowFormat& format, const std::string& given);

}  // namespace valence
