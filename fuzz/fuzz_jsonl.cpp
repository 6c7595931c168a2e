// JSON Lines: every line is a row or blank, rows do not depend on how the bytes arrive, and what is
// written is a valid object that still has all that was read.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/utf8.h"
#include "data/drip_source.h"
#include "data/json_writers.h"
#include "data/jsonl_reader.h"
#include "valence/error.h"

namespace {

using namespace valence;

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<Row> read_all(JsonlReader& reader) {
  std::vector<Row> rows;
  for (Row row; reader.next(row);) {
    require(row.values.size() == reader.columns().size());
    require(row.number == rows.size() + 1);
    require(!row.object.empty() || !row.error.empty());
    rows.push_back(row);
  }
  return rows;
}

void check_same(const std::vector<Row>& rows, const std::vector<Row>& others) {
  require(rows.size() == others.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    require(rows[i].object == others[i].object);
    require(rows[i].values == others[i].values);
    require(rows[i].error == others[i].error);
  }
}

void check_written(const Row& row, const WriteOptions& options) {
  JsonlWriter writer(options);
  std::string line;
  writer.write({row, {}}, line);
  require(line.find('\n') == line.size() - 1);
  require(is_valid_utf8(line));
  const Json written = Json::parse(line);
  require(written.is_object());
  require(row.error.empty() || written["error"] == replace_invalid_utf8(row.error));
  if (row.object.empty()) return;
  const Json read = Json::parse(row.object);
  require(written.size() == read.size() + options.added.names().size());
  for (const auto& [name, value] : read.items()) require(written.at(name) == value);
}

void check(std::string_view bytes, std::size_t step, const ReadOptions& options) {
  JsonlReader reader(memory_source(bytes), options);
  const std::vector<Row> rows = read_all(reader);
  JsonlReader torn(std::make_unique<DripSource>(bytes, step), options);
  check_same(rows, read_all(torn));
  WriteOptions write;
  write.columns = reader.columns();
  for (const Row& row : rows) check_written(row, write);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  ReadOptions options;
  options.origin = "fuzz";
  options.fixed_columns = (data[0] & 1) != 0;
  options.added = AddedColumns{}.names();
  try {
    check(bytes, 1 + data[0] / 2, options);
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
