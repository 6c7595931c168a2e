#include "store/csv_log.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "valence/error.h"

using namespace valence;

namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "valence-log-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path log() const { return path_ / "log.csv"; }

 private:
  fs::path path_;
};

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

StoredRun run_of(const std::string& key, std::uint64_t rows, bool finished = false) {
  return {key, Json{{"input", key}}, rows, Json{{"errors", 0}}, finished};
}

}  // namespace

TEST_CASE("the header is written once") {
  const Folder folder;
  CsvLog(folder.log(), {"a", "b,c"}).append("1,2\n");
  CsvLog(folder.log(), {"a", "b,c"}).append("3,4\n");
  CHECK(content(folder.log()) == "a,\"b,c\"\n1,2\n3,4\n");
  CHECK_THROWS_WITH_AS(CsvLog(folder.log(), {"a"}), doctest::Contains("other columns"), Error);
}

TEST_CASE("runs are kept with their rows") {
  const Folder folder;
  CsvLog log(folder.log(), {"a"});
  CHECK_FALSE(log.find_run("x"));
  StoredRun run = run_of("x", 1);
  log.append("1\n", &run);
  run.finished = true;
  log.append("", &run);
  const auto found = log.find_run("x");
  REQUIRE(found);
  CHECK(found->rows == 1);
  CHECK(found->finished);
  CHECK(content(folder.log()) == "a\n1\n");
}

TEST_CASE("finished runs are kept for a while, unfinished ones for good") {
  const Folder folder;
  CsvLog log(folder.log(), {"a"});
  const StoredRun open = run_of("open", 7);
  log.append("1\n", &open);
  for (int i = 0; i < 210; ++i) {
    const StoredRun run = run_of(std::to_string(i), 1, true);
    log.append("", &run);
  }
  CHECK(log.find_run("open"));
  CHECK_FALSE(log.find_run("0"));
  CHECK(log.find_run("209"));
}

TEST_CASE("threads that append take turns") {
  const Folder folder;
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        try {
          CsvLog log(folder.log(), {"a"});
          for (int i = 0; i < 20; ++i) log.append("11\n22\n33\n");
        } catch (const std::exception&) {
          ++failed;
        }
      });
  }
  CHECK(failed == 0);
  CHECK(content(folder.log()).size() == 2 + 4 * 20 * 9);
}

TEST_CASE("a damaged journal is told of, not followed") {
  const Folder folder;
  CsvLog(folder.log(), {"a"}).append("1\n");
  const fs::path journal = folder.log().string() + ".journal";
  write(journal, "{\"version\": 1");
  CHECK_THROWS_AS(CsvLog(folder.log(), {"a"}), Error);
  CHECK(content(folder.log()) == "a\n1\n");
  // One that is of another state of the file changes nothing.
  write(journal, R"({"version": 1, "size": 4000, "length": 10, "checksum": 7, "run": null})");
  CsvLog(folder.log(), {"a"}).append("2\n");
  CHECK(content(folder.log()) == "a\n1\n2\n");
}
