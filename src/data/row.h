// Rows of a table as they pass through the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/input_buffer.h"

namespace valence {

struct Row {
  std::uint64_t number = 0;         // counted from 1, without the header
  std::uint64_t line = 0;           // of the file, counted from 1, where the row starts
  std::vector<std::string> values;  // one a column of the reader; bytes as they are in the file
  std::string object;               // JSON Lines: the object's own text, in valid UTF-8
  std::string text;                 // what is to be labelled
  std::string error;                // not empty: why the row cannot be labelled
};

struct ReadOptions {
  std::string origin;                      // names the input in errors
  std::optional<std::string> text_column;  // none: "text", or the only column
  bool header = true;    // CSV and TSV: the first row names the columns, else they are 1, 2, ...
  char delimiter = ',';  // of CSV
  // JSON Lines: the first object's members are the columns of all rows; a row with others has an
  // error.
  bool fixed_columns = false;
  // With fixed_columns: members that the first object does not have are passed over.
  bool pass_over_others = false;
  // False: no column is the text. Row::text stays empty, and a row without a text is no error.
  bool texts = true;
  std::vector<std::string> added;  // columns that will be added: the input may have none of these
};

// A table read row by row, in bounded memory. Not thread-safe.
//
// Nothing is dropped in silence: what cannot be read comes as a row with an error that quotes it.
// Constructors throw Error where the stream as a whole is useless (kNotFound: no such column,
// kCorrupt: no header, kInvalidArgument: a column to be added is there already).
class RowReader {
 public:
  explicit RowReader(std::unique_ptr<ByteSource> source) : buffer_(std::move(source)) {}
  virtual ~RowReader() = default;
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // Columns by their names; none where each row brings its own (JSON Lines without fixed_columns).
  virtual const std::vector<std::string>& columns() const = 0;

  // Replaces `row` by the next one; false at the end.
  virtual bool next(Row& row) = 0;

  bool ready() const { return buffer_.ready(); }  // false when next() would wait for its writer
  const ByteSource& source() const { return buffer_.source(); }

 protected:
  InputBuffer buffer_;
};

}  // namespace valence
