#include "data/row_formats.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "data/csv_reader.h"
#include "data/csv_writer.h"
#include "data/json_writers.h"
#include "data/jsonl_reader.h"
#include "data/lines_reader.h"
#include "data/lines_writer.h"
#include "valence/error.h"

namespace valence {
namespace {

template <typename Reader>
std::unique_ptr<RowReader> make_reader(std::unique_ptr<ByteSource> source,
                                       const ReadOptions& options) {
  return std::make_unique<Reader>(std::move(source), options);
}

template <typename Writer>
std::unique_ptr<RowWriter> make_writer(WriteOptions options) {
  return std::make_unique<Writer>(std::move(options));
}

const std::vector<RowFormat> kRowFormats{
    {"csv", {".csv"}, true, ',', true, make_reader<CsvReader>, make_writer<CsvWriter>},
    {"tsv", {".tsv", ".tab"}, true, '\t', false, make_reader<CsvReader>, make_writer<CsvWriter>},
    {"jsonl",
     {".jsonl", ".ndjson"},
     false,
     0,
     false,
     make_reader<JsonlReader>,
     make_writer<JsonlWriter>},
    {"lines", {".txt"}, true, 0, false, make_reader<LinesReader>, make_writer<LinesWriter>},
};

}  // namespace

std::span<const RowFormat> row_formats() {
  return kRowFormats;
}

const RowFormat& row_format(std::string_view name) {
  std::string known;
  for (const RowFormat& format : kRowFormats) {
    if (format.name == name) return format;
    known += (known.empty() ? "" : ", ") + std::string(format.name);
  }
  throw Error(ErrorCode::kInvalidArgument,
              "there is no row format \"" + std::string(name) + "\"; known are: " + known);
}

const RowFormat* row_format_of(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  if (extension == ".gz") extension = path.stem().extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const RowFormat& format : kRowFormats)
    if (std::find(format.extensions.begin(), format.extensions.end(), extension) !=
        format.extensions.end())
      return &format;
  return nullptr;
}

const RowFormat& table_format(const std::filesystem::path& path, const std::string& name) {
  if (!name.empty()) return row_format(name);
  if (const RowFormat* format = row_format_of(path); format != nullptr && format->name != "lines")
    return *format;
  throw Error(ErrorCode::kInvalidArgument,
              "the name " + path.string() +
                  " does not say a format with columns; use .csv, .tsv or .jsonl, or name the "
                  "format with --input-format");
}

char delimiter_for(const RowFormat& format, const std::string& given) {
  if (given.empty() || !format.other_delimiter) return format.delimiter;
  if (given == "tab" || given == "\\t") return '\t';
  const bool good = given.size() == 1 && given.find_first_of("\"\r\n") != 0 &&
                    static_cast<unsigned char>(given[0]) < 0x80;
  if (!good)
    throw Error(ErrorCode::kInvalidArgument, "--delimiter is one ASCII character, or \"tab\"");
  return given[0];
}

}  // namespace valence
