// CSV and TSV with the quoting of RFC 4180, parsed by libcsv.
#pragma once

#include <csv.h>

#include "data/row.h"

namespace valence {

// Beyond the RFC: lines may end with LF, CR or CRLF; blank lines are passed over; a quote inside a
// field that does not start with one is a letter like any other.
//
// A quoted field that ends in the middle ("a"b), never ends, or makes a row of more than
// kMaxRowBytes spoils one line only: that line comes as a row with an error, and reading goes on at
// the next line.
class CsvReader final : public RowReader {
 public:
  CsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);
  ~CsvReader() override { csv_free(&parser_); }

  const std::vector<std::string>& columns() const override { return columns_; }
  bool next(Row& row) override;

 private:
  enum class Scan { kRow, kEnd, kBadQuote, kOpenQuote, kTooLong };

  void start();
  void start_parser();
  void read_header();
  Scan scan();
  bool feed(std::string_view bytes);
  bool finish();
  void take_line(Row& row, Scan reason);
  void take_fields(Row& row);
  static const char* describe(Scan reason);
  void let_go(std::size_t count);

  ReadOptions options_;
  std::vector<std::string> columns_;
  std::size_t text_column_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t line_ = 1;       // where the bytes of the buffer start
  char last_ = 0;                // the byte before them
  std::uint64_t passed_ = 0;     // bytes let go of
  std::uint64_t rescanned_ = 0;  // bytes looked at in vain behind a quote that was not closed

  csv_parser parser_{};
  std::vector<std::string> fields_;  // of the row being scanned
  bool row_ended_ = false;
  bool out_of_memory_ = false;
  std::size_t scanned_ = 0;     // bytes of the row being scanned, in the buffer
  std::size_t first_line_ = 0;  // how many of them are its first line
};

}  // namespace valence
