#include "data/ledger.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "valence/error.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

struct TempFolder {
  TempFolder()
      : path(fs::temp_directory_path() / ("valence_ledger_" + std::to_string(::getpid()))) {
    fs::create_directories(path);
  }
  ~TempFolder() { fs::remove_all(path); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  fs::path path;
};

void put(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST_CASE("a ledger comes back as it was saved") {
  const TempFolder folder;
  const fs::path output = folder.path / "out.csv";
  CHECK_FALSE(Ledger::load(output));
  const Ledger ledger{{{"input", 1}}, 12, 345, {{"rows", 12}}};
  ledger.save(output);
  const auto loaded = Ledger::load(output);
  REQUIRE(loaded);
  CHECK(loaded->identity == ledger.identity);
  CHECK(loaded->rows == 12);
  CHECK(loaded->output_bytes == 345);
  CHECK(loaded->tally == ledger.tally);
  Ledger::remove(output);
  CHECK_FALSE(Ledger::load(output));
}

TEST_CASE("damaged ledgers are refused") {
  const TempFolder folder;
  const fs::path output = folder.path / "out.csv";
  for (const char* text :
       {"", "{", "[]", R"({"version":2,"identity":{},"rows":1,"output_bytes":1,"tally":{}})",
        R"({"version":1,"identity":[],"rows":1,"output_bytes":1,"tally":{}})",
        R"({"version":1,"identity":{},"rows":-1,"output_bytes":1,"tally":{}})",
        R"({"version":1,"identity":{},"rows":1,"tally":{}})"}) {
    CAPTURE(text);
    put(Ledger::path_for(output), text);
    CHECK_THROWS_AS(Ledger::load(output), Error);
  }
}

TEST_CASE("what changed is named") {
  CHECK(identity_changes({{"a", 1}, {"b", 2}}, {{"a", 1}, {"b", 2}}).empty());
  CHECK(identity_changes({{"a", 1}, {"b", 2}}, {{"a", 2}, {"c", 2}}) == "a, c, b");
}

TEST_CASE("an identity changes with the file") {
  const TempFolder folder;
  const fs::path file = folder.path / "input.csv";
  put(file, "text\na\n");
  const auto time = fs::last_write_time(file);
  const Json before = file_identity(file);
  CHECK(file_identity(file) == before);
  put(file, "text\nb\n");
  fs::last_write_time(file, time);
  CHECK(file_identity(file) != before);
  put(file, "text\na\n");
  fs::last_write_time(file, time + std::chrono::seconds(1));
  CHECK(file_identity(file) != before);
  fs::last_write_time(file, time);
  CHECK(file_identity(file) == before);
  const Json of_folder = file_identity(folder.path);
  put(folder.path / "more", "x");
  CHECK(file_identity(folder.path) != of_folder);
  CHECK_THROWS_AS(file_identity(folder.path / "none"), Error);
}

}  // namespace
}  // namespace valence
