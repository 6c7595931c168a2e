// CSV: rows do not depend on how the bytes arrive, none has more or fewer values than there are
// columns, every byte of a line that is not read is quoted in its error, and what is written reads
// back as the same.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/csv_reader.h"
#include "data/csv_writer.h"
#include "data/drip_source.h"
#include "valence/error.h"

namespace {

using namespace valence;

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<Row> read_all(CsvReader& reader) {
  std::vector<Row> rows;
  for (Row row; reader.next(row);) {
    require(row.values.size() == reader.columns().size());
    require(row.number == rows.size() + 1);
    require(row.error.empty() ? !row.text.empty() : true);
    rows.push_back(row);
  }
  return rows;
}

void check_same(const std::vector<Row>& rows, const std::vector<Row>& others) {
  require(rows.size() == others.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    require(rows[i].values == others[i].values);
    require(rows[i].line == others[i].line);
    require(rows[i].error == others[i].error);
  }
}

void check_round_trip(const std::vector<std::string>& columns, const std::vector<Row>& rows) {
  WriteOptions write;
  write.columns = columns;
  CsvWriter writer(write);
  std::string out;
  writer.begin(out);
  for (const Row& row : rows) writer.write({row, {}}, out);

  ReadOptions options;
  options.text_column = "error";  // the last column of the output
  std::vector<std::string> expected = columns;
  const std::vector<std::string> added = AddedColumns{}.names();
  expected.insert(expected.end(), added.begin(), added.end());
  // A mark at the start of the first name would read as one of the file.
  if (out.starts_with("\xEF\xBB\xBF") || out.starts_with("\xFF\xFE") || out.starts_with("\xFE\xFF"))
    return;
  CsvReader reader(memory_source(out), options);
  require(reader.columns() == expected);
  Row again;
  for (const Row& row : rows) {
    require(reader.next(again));
    for (std::size_t i = 0; i < columns.size(); ++i) require(again.values[i] == row.values[i]);
    require(again.values.back() == row.error);
  }
  require(!reader.next(again));
}

void check(std::string_view bytes, std::size_t step, const ReadOptions& options) {
  CsvReader reader(memory_source(bytes), options);
  const std::vector<Row> rows = read_all(reader);
  CsvReader torn(std::make_unique<DripSource>(bytes, step), options);
  require(torn.columns() == reader.columns());
  check_same(rows, read_all(torn));
  check_round_trip(reader.columns(), rows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  ReadOptions options;
  options.origin = "fuzz";
  options.header = (data[0] & 1) != 0;
  options.delimiter = (data[0] & 2) != 0 ? '\t' : ',';
  if (!options.header) options.text_column = "1";
  options.added = AddedColumns{}.names();
  try {
    check(bytes, 1 + data[0] / 4, options);
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
