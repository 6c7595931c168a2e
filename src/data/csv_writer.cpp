#include "data/csv_writer.h"

namespace valence {

void CsvWriter::begin(std::string& out) {
  if (!options_.header) return;
  bool first = true;
  for (const std::string& name : options_.columns) {
    append(name, first, out);
    first = false;
  }
  for (const std::string& name : options_.added.names()) {
    append(name, first, out);
    first = false;
  }
  out += '\n';
}

void CsvWriter::write(const LabeledRow& row, std::string& out) {
  bool first = true;
  for (const std::string& value : row.row.values) {
    append(value, first, out);
    first = false;
  }
  for (const AddedValue& value : options_.added.values(row)) {
    append(value.text, first, out);
    first = false;
  }
  out += '\n';
}

void CsvWriter::append(std::string_view value, bool first, std::string& out) const {
  if (!first) out += options_.delimiter;
  append_csv_value(value, options_.delimiter, out);
}

void append_csv_value(std::string_view value, char delimiter, std::string& out) {
  const bool plain = value.find_first_of("\"\r\n") == std::string_view::npos &&
                     value.find(delimiter) == std::string_view::npos;
  if (plain) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace valence
