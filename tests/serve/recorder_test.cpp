// Answers on their way to a store, which may be slow, locked or gone.
#include "serve/recorder.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>

#include "valence/error.h"

namespace valence::serve {
namespace {

using std::chrono::milliseconds;

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "recorder-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path file() const { return path_ / "results.db"; }

 private:
  std::filesystem::path path_;
};

// Holds the file so that nobody else can write to it.
class Lock {
 public:
  explicit Lock(const std::filesystem::path& path) {
    REQUIRE(sqlite3_open(path.c_str(), &connection_) == SQLITE_OK);
    REQUIRE(sqlite3_exec(connection_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  ~Lock() {
    sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(connection_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  sqlite3* connection_ = nullptr;
};

StoreOptions options_for(const Folder& folder) {
  StoreOptions options;
  options.path = folder.file();
  options.patience = milliseconds(20);
  return options;
}

// `count` answers with a positive and a negative share, of the texts "text 0", "text 1" ...
void answer(ResultRecorder& recorder, std::size_t count, float positive = 0.75F) {
  std::vector<Input> inputs;
  std::vector<Classification> answers(count);
  inputs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    inputs.emplace_back("text " + std::to_string(i));
    answers[i].scores = {{1, "positive", positive, true}, {0, "negative", 1 - positive, false}};
  }
  recorder.answered({"id", "/predict", "m", 2, inputs, answers});
}

std::vector<StoredResult> rows_of(const Folder& folder) {
  const ResultStore store(folder.file(), ResultStore::Mode::kRead);
  ResultCursor cursor = store.read({});
  std::vector<StoredResult> rows;
  for (StoredResult row; cursor.next(row);) rows.push_back(row);
  return rows;
}

TEST_CASE("answers are kept, without their texts unless these are asked for") {
  for (const bool texts : {false, true}) {
    const Folder folder;
    Metrics metrics;
    StoreOptions options = options_for(folder);
    options.texts = texts;
    ResultRecorder recorder(options, metrics);
    answer(recorder, 3);
    recorder.flush();
    const std::vector<StoredResult> rows = rows_of(folder);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].label == "positive");
    CHECK(rows[0].score == doctest::Approx(0.75));
    CHECK(rows[0].model == "m");
    CHECK(rows[0].source == "/predict");
    CHECK(rows[0].scores.size() == 2);
    REQUIRE(rows[0].polarity);
    CHECK(*rows[0].polarity == doctest::Approx(0.5));
    CHECK(rows[2].text == (texts ? std::optional<std::string>("text 2") : std::nullopt));
    CHECK(recorder.status().written == 3);
  }
}

TEST_CASE("polarity needs the shares of all labels") {
  const Folder folder;
  Metrics metrics;
  ResultRecorder recorder(options_for(folder), metrics);
  const std::vector<Input> inputs{"a", "b", "c"};
  std::vector<Classification> answers(3);
  answers[0].scores = {{1, "positive", 0.9F, true}};                              // one of two
  answers[1].scores = {{1, "positive", 3.5F, true}, {0, "negative", -3, false}};  // logits
  answers[2].error = "the text is too long";
  recorder.answered({"id", "/predict", "m", 2, inputs, answers});
  recorder.flush();
  const std::vector<StoredResult> rows = rows_of(folder);
  REQUIRE(rows.size() == 2);
  CHECK_FALSE(rows[0].polarity);
  CHECK_FALSE(rows[1].polarity);
  CHECK(ResultStore(folder.file(), ResultStore::Mode::kRead).summary().errors == 1);
}

TEST_CASE("a locked file holds nobody up, and what waits is written when it is free again") {
  const Folder folder;
  Metrics metrics;
  StoreOptions options = options_for(folder);
  options.queue_rows = 100;
  std::vector<std::string> told;
  std::mutex mutex;
  options.warn = [&](const std::string& text) {
    const std::lock_guard guard(mutex);
    told.push_back(text);
  };
  ResultRecorder recorder(options, metrics);
  {
    const Lock lock(folder.file());
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 30; ++i) answer(recorder, 5);
    CHECK(std::chrono::steady_clock::now() - begin < milliseconds(500));
    recorder.flush();  // until the first try has failed
    const ResultRecorder::Status status = recorder.status();
    CHECK(status.trouble.find("locked") != std::string::npos);
    CHECK(status.waiting == 100);
    CHECK(status.dropped == 50);
    CHECK(status.written == 0);
  }
  while (recorder.status().waiting > 0) recorder.flush();
  CHECK(recorder.status().trouble.empty());
  CHECK(rows_of(folder).size() == 100);
  const std::lock_guard guard(mutex);
  REQUIRE(told.size() == 2);
  CHECK(told[0].find("cannot be written") != std::string::npos);
  CHECK(told[1].find("again") != std::string::npos);
}

TEST_CASE("a locked file does not hold up the end either") {
  const Folder folder;
  Metrics metrics;
  auto recorder = std::make_unique<ResultRecorder>(options_for(folder), metrics);
  const Lock lock(folder.file());
  answer(*recorder, 5);
  const auto begin = std::chrono::steady_clock::now();
  recorder.reset();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(3));
  CHECK(metrics.text().find("valence_store_dropped_total 5") != std::string::npos);
}

TEST_CASE("what was answered just before the end is written") {
  const Folder folder;
  Metrics metrics;
  auto recorder = std::make_unique<ResultRecorder>(options_for(folder), metrics);
  for (int i = 0; i < 50; ++i) answer(*recorder, 100);
  recorder.reset();
  CHECK(rows_of(folder).size() == 5000);
}

TEST_CASE("no more rows are kept than were asked for") {
  const Folder folder;
  Metrics metrics;
  StoreOptions options = options_for(folder);
  options.rows = 1000;
  ResultRecorder recorder(options, metrics);
  for (int i = 0; i < 12; ++i) {
    answer(recorder, 1000);
    recorder.flush();
  }
  CHECK(rows_of(folder).size() <= 3000);  // it is looked every 10,000 rows
  CHECK(recorder.status().written == 12000);
}

TEST_CASE("a file that is no store is refused at the start") {
  const Folder folder;
  Metrics metrics;
  StoreOptions options = options_for(folder);
  options.path = folder.file().parent_path();
  CHECK_THROWS_AS(ResultRecorder(options, metrics), Error);
  options.path = folder.file().parent_path() / "no" / "such.db";
  CHECK_THROWS_AS(ResultRecorder(options, metrics), Error);
}

}  // namespace
}  // namespace valence::serve
