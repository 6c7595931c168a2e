#include "data/csv_reader.h"

#include <algorithm>
#include <new>
#include <utility>

#include "data/columns.h"
#include "valence/error.h"

namespace valence {
namespace {

// The one that most files have is looked for first.
constexpr std::string_view kLineBreaks = "\n\r";
constexpr std::size_t kGrowth = std::size_t{1} << 14;  // libcsv's buffer grows by this many bytes

// A file whose quotes are not closed costs at most this much looking ahead in vain.
constexpr std::uint64_t kMaxRescan = std::uint64_t{256} << 20;
constexpr std::uint64_t kMaxRescanFactor = 4;

std::string_view without_line_break(std::string_view line) {
  while (!line.empty() && kLineBreaks.find(line.back()) != std::string_view::npos)
    line.remove_suffix(1);
  return line;
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

CsvReader::CsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : RowReader(std::move(source)), options_(options) {
  start_parser();
  try {
    start();
  } catch (...) {
    csv_free(&parser_);
    throw;
  }
}

void CsvReader::start() {
  buffer_.skip_byte_order_mark(options_.origin);
  read_header();
  if (options_.texts) text_column_ = find_text_column(columns_, options_);
  check_added_columns(columns_, options_);
}

void CsvReader::start_parser() {
  if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
  csv_set_delim(&parser_, static_cast<unsigned char>(options_.delimiter));
  csv_set_blk_size(&parser_, kGrowth);
  // libcsv would trim spaces around fields.
  csv_set_space_func(&parser_, [](unsigned char) { return 0; });
}

void CsvReader::read_header() {
  const Scan found = scan();
  if (found == Scan::kEnd)
    throw Error(ErrorCode::kCorrupt,
                options_.origin + ": the file is empty; a row of column names was expected");
  if (found != Scan::kRow)
    throw Error(ErrorCode::kCorrupt, options_.origin + ": line " + std::to_string(line_) +
                                         ": the row of column names cannot be read: a quote is not "
                                         "closed, or the line is too long");
  if (options_.header) {
    columns_ = std::move(fields_);
    return let_go(scanned_);
  }
  for (std::size_t i = 1; i <= fields_.size(); ++i) columns_.push_back(std::to_string(i));
}

bool CsvReader::next(Row& row) {
  const Scan found = scan();
  if (found == Scan::kEnd) return false;
  row = Row{};
  row.number = ++rows_;
  row.line = line_;
  if (found == Scan::kRow)
    take_fields(row);
  else
    take_line(row, found);
  return true;
}

// Looks for the end of the row at the front of the buffer. Bytes are handed to libcsv line by line,
// so a row ends with the last byte handed over or not at all.
CsvReader::Scan CsvReader::scan() {
  if (!row_ended_) {  // else the parser is ready for another row
    csv_free(&parser_);
    start_parser();
  }
  fields_.clear();
  row_ended_ = false;
  scanned_ = first_line_ = 0;
  while (true) {
    const std::size_t end = buffer_.end_of_line(scanned_, kLineBreaks);
    const std::string_view line = buffer_.bytes().substr(scanned_, end - scanned_);
    if (scanned_ == 0 && line.size() == 1 && without_line_break(line).empty()) {
      let_go(1);
      continue;
    }
    scanned_ = end;
    if (first_line_ == 0) first_line_ = end;
    if (scanned_ > kMaxRowBytes) return Scan::kTooLong;
    if (line.empty()) return scanned_ == 0 ? Scan::kEnd : finish() ? Scan::kRow : Scan::kOpenQuote;
    if (!feed(line)) return Scan::kBadQuote;
    if (row_ended_) return Scan::kRow;
  }
}

// False at a quoted field that is followed by something else than a delimiter or the line's end.
bool CsvReader::feed(std::string_view bytes) {
  const auto on_field = [](void* text, std::size_t size, void* self) {
    auto& reader = *static_cast<CsvReader*>(self);
    try {  // no exception may pass through C
      reader.fields_.emplace_back(static_cast<const char*>(text), size);
    } catch (const std::bad_alloc&) {
      reader.out_of_memory_ = true;
    }
  };
  const auto on_row = [](int, void* self) { static_cast<CsvReader*>(self)->row_ended_ = true; };
  while (!bytes.empty()) {
    bytes.remove_prefix(csv_parse(&parser_, bytes.data(), bytes.size(), on_field, on_row, this));
    if (out_of_memory_) throw std::bad_alloc();
    if (bytes.empty()) break;
    if (csv_error(&parser_) != CSV_EPARSE) throw std::bad_alloc();
    if (parser_.quoted != 0) return false;
    csv_set_opts(&parser_, 0);  // a quote inside an unquoted field: taken as it is
    csv_parse(&parser_, bytes.data(), 1, on_field, on_row, this);
    csv_set_opts(&parser_, CSV_STRICT | CSV_STRICT_FINI);
    bytes.remove_prefix(1);
  }
  return true;
}

const char* CsvReader::describe(Scan reason) {
  if (reason == Scan::kBadQuote) return "a quoted field is followed by other text";
  if (reason == Scan::kTooLong) return "a quote opens a row that is too long";
  return "a quote is not closed";
}

// The row that the end of the file ends; false where a quote is still open.
bool CsvReader::finish() {
  return feed("\n") && row_ended_;
}

// The first line of what was scanned, as a row with an error.
void CsvReader::take_line(Row& row, Scan reason) {
  const std::string line(without_line_break(buffer_.bytes().substr(0, first_line_)));
  row.values.resize(columns_.size());
  if (first_line_ > kMaxRowBytes) {
    row.error = "the line has more than " + std::to_string(kMaxRowBytes) +
                " bytes, and is not kept; it starts with: " + excerpt(line);
    const bool whole = kLineBreaks.find(buffer_.bytes()[first_line_ - 1]) != std::string_view::npos;
    let_go(first_line_);
    if (whole) return;
    skip_line(buffer_, kLineBreaks);
    ++line_;
    return;
  }
  row.error = std::string(describe(reason)) + "; the line reads: " + line;
  rescanned_ += scanned_ - first_line_;
  let_go(first_line_);
  if (rescanned_ > kMaxRescan && rescanned_ > kMaxRescanFactor * passed_)
    throw Error(ErrorCode::kCorrupt, options_.origin + ": line " + std::to_string(row.line) +
                                         ": too many quotes are not closed; is this CSV, and are "
                                         "quotes inside fields doubled?");
}

void CsvReader::take_fields(Row& row) {
  const std::string_view raw = buffer_.bytes().substr(0, scanned_);
  const bool has_nul = raw.find('\0') != std::string_view::npos;
  if (fields_.size() != columns_.size()) {
    row.error = "the row has " + counted(fields_.size(), "field") + ", the table " +
                counted(columns_.size(), "column") +
                "; the row reads: " + std::string(without_line_break(raw));
  } else if (has_nul) {
    row.error = "the row holds a NUL byte; is this a text file?";
  }
  row.values = std::move(fields_);
  fields_.clear();
  row.values.resize(columns_.size());
  let_go(scanned_);
  if (!row.error.empty() || !options_.texts) return;
  row.text = row.values[text_column_];
  if (is_blank(row.text)) row.error = kNoText;
}

void CsvReader::let_go(std::size_t count) {
  for (const char c : buffer_.bytes().substr(0, count)) {
    const bool inside_break = c == '\n' && last_ == '\r';
    if ((c == '\n' || c == '\r') && !inside_break) ++line_;
    last_ = c;
  }
  passed_ += count;
  buffer_.consume(count);
}

}  // namespace valence
