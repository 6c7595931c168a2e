#include "store/result_store.h"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <thread>

#include "valence/error.h"

using namespace valence;

namespace {

namespace fs = std::filesystem;
using Mode = ResultStore::Mode;

// A file that is gone afterwards, with what SQLite puts beside it.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string name = (fs::temp_directory_path() / "valence-store-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~TemporaryFile() { fs::remove_all(folder_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  fs::path path() const { return folder_ / "log.db"; }

 private:
  fs::path folder_;
};

StoredResult result(std::int64_t time, const std::string& label, double score) {
  StoredResult row;
  row.time = time;
  row.model = std::string(1, 'm');
  row.label = label;
  row.score = score;
  return row;
}

std::vector<StoredResult> all(const ResultStore& store, const ResultQuery& query = {}) {
  std::vector<StoredResult> rows;
  ResultCursor cursor = store.read(query);
  for (StoredResult row; cursor.next(row);) rows.push_back(row);
  return rows;
}

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("rows come back as they were written") {
  const TemporaryFile file;
  StoredResult row = result(1743415230123, "POSITIVE", 0.75);
  row.scores = {{"NEGATIVE", 0.25}, {"POSITIVE", 0.75}};
  row.polarity = 0.5;
  row.text.emplace("It \"works\" \xff");
  row.source.append("tickets.csv");
  row.columns = {{"product", "Files"}, {"id", "7"}};
  StoredResult broken = result(5, "", 0);
  broken.error.append("the row has no text");
  {
    ResultStore store(file.path(), Mode::kWrite);
    store.append(std::vector{row, result(2, "", 0.5), broken});
  }
  const ResultStore store(file.path(), Mode::kRead);
  ResultQuery query;
  query.with_errors = true;
  const auto rows = all(store, query);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].id == 1);
  CHECK(rows[0].time == row.time);
  CHECK(rows[0].model == "m");
  CHECK(rows[0].scores == row.scores);
  CHECK(rows[0].polarity == row.polarity);
  CHECK(rows[0].text.value() == "It \"works\" \xEF\xBF\xBD");
  CHECK(rows[0].source == "tickets.csv");
  CHECK(rows[0].columns == row.columns);
  CHECK_FALSE(rows[1].text);
  CHECK_FALSE(rows[1].polarity);
  CHECK(rows[2].error == broken.error);
  CHECK(all(store).size() == 2);
  CHECK(is_result_store(file.path()));
}

TEST_CASE("a file without tables yet has nothing to read, and can be written") {
  const TemporaryFile file;
  write_file(file.path(), "");
  const auto read = [&] { all(ResultStore(file.path(), Mode::kRead)); };
  CHECK(code_of(read) == ErrorCode::kNotFound);
  const ResultStore writer(file.path(), Mode::kWrite);
  CHECK(all(ResultStore(file.path(), Mode::kRead)).empty());
}

TEST_CASE("a cursor stays at the end") {
  const TemporaryFile file;
  ResultStore store(file.path(), Mode::kWrite);
  store.append(std::vector{result(1, "A", 0.5), result(2, "B", 0.5)});
  ResultCursor cursor = store.read({});
  StoredResult row;
  CHECK(cursor.next(row));
  CHECK(cursor.next(row));
  CHECK_FALSE(cursor.next(row));
  store.append(std::vector{result(3, "C", 0.5)});
  CHECK_FALSE(cursor.next(row));
}

TEST_CASE("queries") {
  const TemporaryFile file;
  ResultStore store(file.path(), Mode::kWrite);
  std::vector<StoredResult> rows;
  for (int i = 0; i < 10; ++i) {
    rows.push_back(result(i, i % 2 == 0 ? "A" : "B", 0.1 * (i * 7 % 10)));
    rows.back().polarity = i / 10.0 - 0.5;
    rows.back().model = std::string(1, i < 5 ? 'm' : 'n');
  }
  store.append(rows);
  ResultQuery query;
  query.from = 2;
  query.to = 6;
  CHECK(all(store, query).size() == 4);
  ResultQuery since, until;
  since.from = 2;
  until.to = 6;
  CHECK(all(store, since).size() == 8);
  CHECK(all(store, until).size() == 6);
  query.label.emplace(1, 'A');
  CHECK(all(store, query).size() == 2);
  query.model.emplace(1, 'n');
  CHECK(all(store, query).empty());

  ResultQuery low;
  low.score_below = 0.35;
  low.order = ResultQuery::Order::kLowestScore;
  const auto lowest = all(store, low);
  REQUIRE(lowest.size() == 4);
  CHECK(lowest[1].time == 3);

  ResultQuery recent;
  recent.polarity_below = 0;
  recent.order = ResultQuery::Order::kNewest;
  recent.limit = 2;
  recent.offset = 1;
  const auto newest = all(store, recent);
  REQUIRE(newest.size() == 2);
  CHECK(newest[0].time == 3);

  const ResultStore::Summary summary = store.summary();
  CHECK(summary.rows == 10);
  CHECK(summary.last == 9);
  CHECK(summary.models == std::vector<std::string>{"m", "n"});
  CHECK(summary.labels == std::vector<std::string>{"A", "B"});
}

TEST_CASE("a reader sees one state while others write") {
  const TemporaryFile file;
  ResultStore writer(file.path(), Mode::kWrite);
  writer.append(std::vector(3, result(1, "A", 1)));
  const ResultStore reader(file.path(), Mode::kRead);
  ResultCursor cursor = reader.read({});
  StoredResult row;
  CHECK(cursor.next(row));
  writer.append(std::vector(3, result(2, "A", 1)));
  int count = 1;
  while (cursor.next(row)) ++count;
  CHECK(count == 3);
  CHECK(all(reader).size() == 6);
}

TEST_CASE("several writers lose nothing") {
  const TemporaryFile file;
  constexpr int kWriters = 4, kAppends = 25;
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < kWriters; ++t)
      threads.emplace_back([&] {
        try {
          ResultStore store(file.path(), Mode::kWrite, std::chrono::seconds(60));
          for (int i = 0; i < kAppends; ++i) store.append(std::vector(4, result(i, "A", 1)));
        } catch (const std::exception&) {
          ++failed;
        }
      });
  }
  CHECK(failed == 0);
  CHECK(all(ResultStore(file.path(), Mode::kRead)).size() == kWriters * kAppends * 4);
}

TEST_CASE("several programs may make the same store at once") {
  std::atomic<int> failed = 0;
  for (int round = 0; round < 25; ++round) {
    const TemporaryFile file;
    {
      std::vector<std::jthread> threads;
      threads.reserve(4);
      for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
          try {
            ResultStore(file.path(), Mode::kWrite).append(std::vector(1, result(1, "A", 1)));
          } catch (const std::exception&) {
            ++failed;
          }
        });
    }
    CHECK(all(ResultStore(file.path(), Mode::kRead)).size() == 4);
  }
  CHECK(failed == 0);
}

TEST_CASE("runs change with their rows") {
  const TemporaryFile file;
  ResultStore store(file.path(), Mode::kWrite);
  CHECK_FALSE(store.find_run("k"));
  StoredRun run{"k", {{"input", "a"}}, 2, {{"errors", 0}}, false};
  store.append(std::vector(2, result(1, "A", 1)), &run);
  run.rows = 4;
  run.finished = true;
  store.append({}, &run);
  const auto found = store.find_run("k");
  REQUIRE(found);
  CHECK(found->rows == 4);
  CHECK(found->finished);
  CHECK(found->identity == run.identity);
  CHECK(found->tally == run.tally);
}

TEST_CASE("the oldest rows go first") {
  const TemporaryFile file;
  ResultStore store(file.path(), Mode::kWrite);
  std::vector<StoredResult> rows;
  rows.reserve(12000);
  for (int i = 0; i < 12000; ++i) rows.push_back(result(i, "A", 1));
  store.append(rows);
  CHECK(store.trim(1'000'000, 0) == 0);
  CHECK(store.trim(1'000'000, 6000) == 6000);
  CHECK(store.trim(100, 0) == 5900);
  const auto left = all(store);
  CHECK(left.size() == 100);
  CHECK(left.front().time == 11900);
}

TEST_CASE("deleted texts are gone from the file") {
  const TemporaryFile file;
  {
    ResultStore store(file.path(), Mode::kWrite);
    StoredResult row = result(1, "A", 1);
    row.text.emplace("a secret that must not stay");
    store.append(std::vector{row});
    store.trim(0, 0);
  }
  std::ifstream stream(file.path(), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  CHECK(bytes.find("a secret") == std::string::npos);
}

TEST_CASE("files that are no store are refused") {
  const TemporaryFile file;
  const auto open = [&](Mode mode) {
    return [&file, mode] { const ResultStore store(file.path(), mode); };
  };
  CHECK(code_of(open(Mode::kRead)) == ErrorCode::kNotFound);
  write_file(file.path(), std::string(4096, 'x'));
  CHECK(code_of(open(Mode::kWrite)) == ErrorCode::kCorrupt);
  CHECK_FALSE(is_result_store(file.path()));
  write_file(file.path(), "");
  const ResultStore made(file.path(), Mode::kWrite);
  CHECK(made.summary().rows == 0);
}

TEST_CASE("a writer that finds the file locked says so, and loses nothing") {
  const TemporaryFile file;
  ResultStore store(file.path(), Mode::kWrite, std::chrono::milliseconds(50));
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(file.path().c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  const auto append = [&] { store.append(std::vector(2, result(1, "A", 1))); };
  CHECK(code_of(append) == ErrorCode::kIo);
  CHECK(all(store).empty());
  sqlite3_close(other);
  append();
  CHECK(all(store).size() == 2);
}

TEST_CASE("a database of another program is left alone") {
  const TemporaryFile file;
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(file.path().c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "CREATE TABLE t (x)", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(other);
  CHECK(code_of([&] { const ResultStore store(file.path(), Mode::kWrite); }) ==
        ErrorCode::kUnsupported);
}
