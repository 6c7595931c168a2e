#include <doctest/doctest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "data/input_buffer.h"
#include "data/row_formats.h"
#include "valence/error.h"

namespace valence {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string read_all_of(ByteSource& source) {
  std::string all;
  std::string block(1000, '\0');
  while (const std::size_t count = source.read(block)) all.append(block, 0, count);
  return all;
}

std::string gunzip(const std::string& bytes) {
  return read_all_of(*gzip_source(memory_source(bytes), "x.gz"));
}

struct TempFile {
  explicit TempFile(const std::string& bytes)
      : path(std::filesystem::temp_directory_path() /
             ("valence_source_" + std::to_string(::getpid()))) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  ~TempFile() { std::filesystem::remove(path); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  std::filesystem::path path;
};

TEST_CASE("gzip, whole, in several members, torn and damaged") {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i) + ",row\n";
  const std::string packed = gzip(text);
  CHECK(gunzip(packed) == text);
  CHECK(gunzip(packed + gzip("") + gzip("more")) == text + "more");
  CHECK_THROWS_AS(gunzip(packed.substr(0, packed.size() / 2)), Error);
  CHECK_THROWS_AS(gunzip(packed.substr(0, packed.size() - 1)), Error);
  std::string damaged = packed;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  CHECK_THROWS_AS(gunzip(damaged), Error);
  CHECK_THROWS_AS(gunzip(packed + "junk"), Error);
}

TEST_CASE("a file is opened as what it is") {
  const TempFile plain("hello");
  CHECK(read_all_of(*open_source(plain.path)) == "hello");
  CHECK(open_source(plain.path)->total() == 5);
  const TempFile packed(gzip("hello"));
  CHECK(read_all_of(*open_source(packed.path)) == "hello");
  CHECK_THROWS_AS(open_source("/no/such/file"), Error);
  CHECK_THROWS_AS(open_source("/"), Error);
}

TEST_CASE("formats by extension") {
  CHECK(row_format_of("a/B.CSV")->name == "csv");
  CHECK(row_format_of("a.csv.gz")->name == "csv");
  CHECK(row_format_of("a.ndjson")->name == "jsonl");
  CHECK(row_format_of("a.txt")->name == "lines");
  CHECK(row_format_of("a.gz") == nullptr);
  CHECK(row_format_of("a.xlsx") == nullptr);
  CHECK(row_format_of("csv") == nullptr);
  CHECK_THROWS_AS(row_format("xml"), Error);
}

TEST_CASE("an excerpt ends between letters") {
  CHECK(excerpt("short") == "short");
  const std::string cut = excerpt(std::string(199, 'a') + "\u00e9\u00e9");
  CHECK(cut == std::string(199, 'a') + "\u00e9...");
}

}  // namespace
}  // namespace valence
