#include "data/lines_reader.h"

#include "data/columns.h"

namespace valence {

LinesReader::LinesReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : RowReader(std::move(source)) {
  find_text_column(columns_, options);
  check_added_columns(columns_, options);
}

bool LinesReader::next(Row& row) {
  if (rows_ == 0 && buffer_.bytes().empty()) buffer_.skip_byte_order_mark("the text");
  std::optional<Line> line = next_line(buffer_);
  if (!line) return false;
  row = Row{};
  row.number = row.line = ++rows_;
  row.values.resize(1);
  if (line->too_long) {
    row.error = "the line has more than " + std::to_string(kMaxRowBytes) +
                " bytes, and is not kept; it starts with: " + line->text;
    return true;
  }
  row.text = row.values[0] = std::move(line->text);
  if (row.text.find('\0') != std::string::npos)
    row.error = "the line holds a NUL byte; is this a text file?";
  else if (is_blank(row.text))
    row.error = kNoText;
  return true;
}

}  // namespace valence
