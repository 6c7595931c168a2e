// Labelled texts in an SQLite file: what `classify --append log.db` and `serve --store` write, and
// what trends are read from.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

struct sqlite3;

namespace valence {

class Statement;

// One labelled text. Times are Unix milliseconds everywhere in this room.
struct StoredResult {
  std::int64_t id = 0;    // given by the store, ascending
  std::int64_t time = 0;  // when it was labelled
  std::string model;
  std::string label;                                   // the best one; empty where there is none
  double score = 0;                                    // of that label
  std::vector<std::pair<std::string, double>> scores;  // of all labels, may be empty
  std::optional<double> polarity;                      // -1 to 1, see data/polarity.h
  std::optional<std::string> text;                     // none: not kept
  std::string source;                                  // a file, a route: where it came from
  std::vector<std::pair<std::string, std::string>> columns;  // what else the row had, by name
  std::string error;                                         // not empty: why there is no label
};

// Which rows, in which order. Members that are left as they are let everything through.
struct ResultQuery {
  std::int64_t from = std::numeric_limits<std::int64_t>::min();  // time >= from
  std::int64_t to = std::numeric_limits<std::int64_t>::max();    // time < to
  std::optional<std::string> model, label;
  std::optional<double> score_below, polarity_below;
  bool with_errors = false;  // rows without a label too

  enum class Order { kOldest, kNewest, kLowestScore };
  Order order = Order::kOldest;  // kOldest and kNewest by id: as they were written
  std::int64_t limit = -1;       // -1: all
  std::int64_t offset = 0;

  bool texts = true;    // read the texts
  bool scores = true;   // read the scores of all labels
  bool columns = true;  // read the other columns
};

// Goes through the rows of a query one by one, in bounded memory, over one state of the file:
// rows that are written meanwhile are not seen. The store must outlive it.
class ResultCursor {
 public:
  ~ResultCursor();
  ResultCursor(ResultCursor&&) noexcept;
  ResultCursor& operator=(ResultCursor&&) noexcept;

  // False at the end and ever after; throws Error(kIo, kCorrupt).
  bool next(StoredResult& result);

 private:
  friend class ResultStore;
  explicit ResultCursor(std::unique_ptr<Statement> statement);

  std::unique_ptr<Statement> statement_;  // null behind the end
};

// How far a run of `classify` has come, kept with the rows it wrote.
struct StoredRun {
  std::string key;         // tells runs apart
  Json identity;           // what the run depends on
  std::uint64_t rows = 0;  // of its input
  Json tally;
  bool finished = false;
};

// One connection to a store. One thread at a time may use it; any number of connections, of this
// program and of others, may have the same file open (WAL): readers never wait, writers take turns.
//
// Throws Error: kNotFound (nothing to read), kCorrupt (the file is no SQLite database, or damaged),
// kUnsupported (a database of something else, or of a newer version), kIo (no permission, disk
// full, locked by another program for longer than `patience`).
class ResultStore {
 public:
  enum class Mode { kRead, kWrite };  // kWrite creates the file where there is none

  explicit ResultStore(const std::filesystem::path& path, Mode mode,
                       std::chrono::milliseconds patience = std::chrono::seconds(10));
  ~ResultStore();
  ResultStore(const ResultStore&) = delete;
  ResultStore& operator=(const ResultStore&) = delete;

  // All of them or none, in one transaction; with `run`, its state changes in the same one.
  void append(std::span<const StoredResult> results, const StoredRun* run = nullptr);

  std::optional<StoredRun> find_run(const std::string& key) const;

  ResultCursor read(const ResultQuery& query) const;

  struct Summary {
    std::uint64_t rows = 0;    // with a label
    std::uint64_t errors = 0;  // without one
    std::int64_t first = 0;    // times; 0 where there is no row
    std::int64_t last = 0;
    std::vector<std::string> models, labels;  // in alphabetical order
  };
  Summary summary() const;

  // Lets go of the oldest rows: those before `before`, and those beyond the newest `rows`. In steps
  // of a few thousand rows a transaction, so that others are not kept waiting. What is deleted is
  // overwritten. Returns how many rows went.
  std::uint64_t trim(std::uint64_t rows, std::int64_t before);

  const std::filesystem::path& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  class Transaction;

  Statement prepare(const std::string& sql) const;
  void execute(const char* sql) const;
  std::int64_t number(const char* sql) const;
  void check_kind(Mode mode) const;
  void create_schema();
  void switch_to_wal(std::chrono::milliseconds patience) const;
  void insert(Statement& statement, const StoredResult& result) const;
  void save_run(const StoredRun& run) const;
  std::uint64_t delete_up_to(std::int64_t rows, std::int64_t before);

  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> connection_;
};

// Does the file start like an SQLite database? False where it cannot be read.
bool is_result_store(const std::filesystem::path& path);

}  // namespace valence
