// CSV and TSV: RFC 4180 quoting where a value needs it, lines end with LF.
#pragma once

#include <string_view>

#include "data/row_writer.h"

namespace valence {

// Appends a value, quoted where it holds the delimiter, a quote or a line break.
void append_csv_value(std::string_view value, char delimiter, std::string& out);

class CsvWriter final : public RowWriter {
 public:
  using RowWriter::RowWriter;

  void begin(std::string& out) override;
  void write(const LabeledRow& row, std::string& out) override;

 private:
  void append(std::string_view value, bool first, std::string& out) const;
};

}  // namespace valence
