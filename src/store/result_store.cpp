#include "store/result_store.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <thread>
#include <utility>

#include "store/statement.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::int64_t kSchemaVersion = 1;
constexpr std::int64_t kApplication = 0x56614C6F;  // "VaLo": tells our databases from others
constexpr std::int64_t kTrimStep = 5000;           // rows deleted in a transaction
constexpr std::string_view kMagic("SQLite format 3\0", 16);

constexpr const char* kSchema = R"(
  CREATE TABLE results (
    id       INTEGER PRIMARY KEY,
    time     INTEGER NOT NULL,  -- Unix milliseconds
    model    TEXT NOT NULL,
    label    TEXT,              -- NULL: see error
    score    REAL,
    scores   TEXT,              -- {"LABEL": 0.9, ...}
    polarity REAL,
    text     TEXT,              -- NULL: not kept
    source   TEXT,
    columns  TEXT,              -- {"NAME": "value", ...}
    error    TEXT);
  CREATE INDEX results_by_time ON results (time);
  CREATE INDEX results_by_label ON results (model, label);
  CREATE TABLE runs (
    key      TEXT PRIMARY KEY,
    identity TEXT NOT NULL,
    rows     INTEGER NOT NULL,
    tally    TEXT NOT NULL,
    finished INTEGER NOT NULL) WITHOUT ROWID;
)";

}  // namespace

// Rolled back unless committed. Begins as a writer, so that it cannot fail half way for a lock.
class ResultStore::Transaction {
 public:
  explicit Transaction(const ResultStore& store) : store_(store) {
    store_.execute("BEGIN IMMEDIATE");
  }
  ~Transaction() {
    if (!committed_) sqlite3_exec(store_.connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit() {
    store_.execute("COMMIT");
    committed_ = true;
  }

 private:
  const ResultStore& store_;
  bool committed_ = false;
};

void ResultStore::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

ResultStore::ResultStore(const std::filesystem::path& path, Mode mode,
                         std::chrono::milliseconds patience)
    : path_(path) {
  if (mode == Mode::kRead && !std::filesystem::exists(path))
    throw Error(ErrorCode::kNotFound, "there is no file " + path.string());
  const int flags =
      mode == Mode::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  connection_.reset(connection);
  if (code != SQLITE_OK) fail_sqlite(connection, code, path_.string());
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, static_cast<int>(patience.count()));
  check_kind(mode);
  if (mode == Mode::kRead) return;
  if (number("PRAGMA user_version") == 0) create_schema();
  switch_to_wal(patience);
  execute("PRAGMA synchronous = NORMAL");
  execute("PRAGMA secure_delete = ON");
}

ResultStore::~ResultStore() = default;

void ResultStore::check_kind(Mode mode) const {
  // In one transaction: another program may be making the tables.
  execute("BEGIN");
  const std::int64_t version = number("PRAGMA user_version");
  const bool ours = number("PRAGMA application_id") == kApplication;
  const bool tables = number("SELECT count(*) FROM sqlite_schema") > 0;
  execute("COMMIT");
  if (!ours && tables)
    throw Error(ErrorCode::kUnsupported,
                path_.string() + " is a database of another program; give the log another name");
  if (version > kSchemaVersion)
    throw Error(ErrorCode::kUnsupported, path_.string() + " was written by a newer version of " +
                                             "valence; use that one to go on with it");
  // Who reads while the first writer begins may find the file before its tables.
  if (mode == Mode::kRead && !tables)
    throw Error(ErrorCode::kNotFound, "there is nothing in " + path_.string() + " yet");
}

void ResultStore::create_schema() {
  // Takes effect in an empty file only, and not within a transaction.
  execute("PRAGMA auto_vacuum = INCREMENTAL");
  Transaction transaction(*this);
  if (number("PRAGMA user_version") != 0) return;  // another program was faster
  execute(kSchema);
  execute(("PRAGMA application_id = " + std::to_string(kApplication)).c_str());
  execute(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
  transaction.commit();
}

// SQLite does not wait by itself where two connections switch at the same time.
void ResultStore::switch_to_wal(std::chrono::milliseconds patience) const {
  constexpr auto kPause = std::chrono::milliseconds(5);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const auto switched = [&] {
    return sqlite3_exec(connection_.get(), "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
  };
  int code = switched();
  while ((code & 0xFF) == SQLITE_BUSY && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kPause);
    code = switched();
  }
  if (code != SQLITE_OK) fail_sqlite(connection_.get(), code, path_.string());
}

Statement ResultStore::prepare(const std::string& sql) const {
  return {connection_.get(), sql, path_.string()};
}

void ResultStore::execute(const char* sql) const {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail_sqlite(connection_.get(), code, path_.string());
}

std::int64_t ResultStore::number(const char* sql) const {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

void ResultStore::append(std::span<const StoredResult> results, const StoredRun* run) {
  Transaction transaction(*this);
  Statement statement = prepare(
      "INSERT INTO results (time, model, label, score, scores, polarity, text, source, columns, "
      "error) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  for (const StoredResult& result : results) insert(statement, result);
  if (run != nullptr) save_run(*run);
  transaction.commit();
}

void ResultStore::save_run(const StoredRun& run) const {
  const std::string identity = run.identity.dump();
  const std::string tally = run.tally.dump();
  prepare(
      "INSERT OR REPLACE INTO runs (key, identity, rows, tally, finished) "
      "VALUES (?1, ?2, ?3, ?4, ?5)")
      .bind(1, run.key)
      .bind(2, identity)
      .bind(3, static_cast<std::int64_t>(run.rows))
      .bind(4, tally)
      .bind(5, std::int64_t{run.finished})
      .run();
}

std::optional<StoredRun> ResultStore::find_run(const std::string& key) const {
  Statement statement = prepare("SELECT identity, rows, tally, finished FROM runs WHERE key = ?1");
  if (!statement.bind(1, key).step()) return std::nullopt;
  StoredRun run;
  run.key = key;
  run.identity = parse_json(statement.text(0), path_.string());
  run.rows = static_cast<std::uint64_t>(std::max<std::int64_t>(0, statement.integer(1)));
  run.tally = parse_json(statement.text(2), path_.string());
  run.finished = statement.integer(3) != 0;
  return run;
}

ResultStore::Summary ResultStore::summary() const {
  Summary summary;
  Statement counts = prepare(
      "SELECT count(*), count(label), coalesce(min(time), 0), coalesce(max(time), 0) "
      "FROM results");
  if (counts.step()) {
    summary.rows = static_cast<std::uint64_t>(counts.integer(1));
    summary.errors = static_cast<std::uint64_t>(counts.integer(0)) - summary.rows;
    summary.first = counts.integer(2);
    summary.last = counts.integer(3);
  }
  Statement models = prepare("SELECT DISTINCT model FROM results ORDER BY model");
  while (models.step()) summary.models.emplace_back(models.text(0));
  Statement labels =
      prepare("SELECT DISTINCT label FROM results WHERE label IS NOT NULL ORDER BY label");
  while (labels.step()) summary.labels.emplace_back(labels.text(0));
  return summary;
}

std::uint64_t ResultStore::delete_up_to(std::int64_t rows, std::int64_t before) {
  Transaction transaction(*this);
  Statement old =
      prepare("DELETE FROM results WHERE id IN (SELECT id FROM results WHERE time < ?1 LIMIT ?2)");
  old.bind(1, before).bind(2, kTrimStep).step();
  std::int64_t gone = sqlite3_changes(connection_.get());
  const std::int64_t beyond = number("SELECT count(*) FROM results") - rows;
  if (beyond > 0) {
    Statement most =
        prepare("DELETE FROM results WHERE id IN (SELECT id FROM results ORDER BY id LIMIT ?1)");
    most.bind(1, std::min(beyond, kTrimStep)).step();
    gone += sqlite3_changes(connection_.get());
  }
  transaction.commit();
  return static_cast<std::uint64_t>(gone);
}

std::uint64_t ResultStore::trim(std::uint64_t rows, std::int64_t before) {
  const auto most = static_cast<std::int64_t>(std::min<std::uint64_t>(rows, INT64_MAX));
  std::uint64_t gone = 0;
  while (const std::uint64_t step = delete_up_to(most, before)) gone += step;
  if (gone > 0) {
    Statement vacuum = prepare("PRAGMA incremental_vacuum");
    while (vacuum.step()) continue;
  }
  return gone;
}

bool is_result_store(const std::filesystem::path& path) {
  std::array<char, kMagic.size()> head{};
  std::ifstream file(path, std::ios::binary);
  return file.read(head.data(), head.size()) &&
         std::string_view(head.data(), head.size()) == kMagic;
}

}  // namespace valence
