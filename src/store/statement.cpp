#include "store/statement.h"

#include <new>
#include <utility>

#include "valence/error.h"

namespace valence {

void fail_sqlite(sqlite3* connection, int code, const std::string& origin) {
  const std::string why = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(ErrorCode::kIo,
                  origin + " is locked by another program; try again when it is done");
    case SQLITE_FULL:
      throw Error(ErrorCode::kIo,
                  "cannot write " + origin + ": the disk is full; free some space and try again");
    case SQLITE_NOTADB:
      throw Error(ErrorCode::kCorrupt,
                  origin + " is no SQLite database; give the log another name");
    case SQLITE_CORRUPT:
      throw Error(ErrorCode::kCorrupt, origin + " is damaged (" + why +
                                           "); go back to a copy, or try sqlite3's .recover");
    case SQLITE_CANTOPEN:
      throw Error(ErrorCode::kIo, "cannot open " + origin + ": " + why);
    case SQLITE_READONLY:
    case SQLITE_PERM:
      throw Error(ErrorCode::kIo, "no permission to write " + origin);
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    default:
      throw Error(ErrorCode::kIo, "cannot use " + origin + ": " + why);
  }
}

Statement::Statement(sqlite3* connection, const std::string& sql, std::string origin)
    : connection_(connection), origin_(std::move(origin)) {
  check(sqlite3_prepare_v2(connection_, sql.c_str(), static_cast<int>(sql.size() + 1), &statement_,
                           nullptr));
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      origin_(std::move(other.origin_)) {}

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail_sqlite(connection_, code, origin_);
}

Statement& Statement::bind(int place, std::int64_t value) {
  check(sqlite3_bind_int64(statement_, place, value));
  return *this;
}

Statement& Statement::bind(int place, double value) {
  check(sqlite3_bind_double(statement_, place, value));
  return *this;
}

Statement& Statement::bind(int place, std::string_view text) {
  // A view without bytes may have no address, which would bind NULL.
  check(sqlite3_bind_text64(statement_, place, text.empty() ? "" : text.data(), text.size(),
                            SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_copy(int place, std::string_view text) {
  check(sqlite3_bind_text64(statement_, place, text.empty() ? "" : text.data(), text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    sqlite3_reset(statement_);
    fail_sqlite(connection_, code, origin_);
  }
  return code == SQLITE_ROW;
}

void Statement::run() {
  step();
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::number(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* bytes = sqlite3_column_text(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string_view()
                          : std::string_view(reinterpret_cast<const char*>(bytes),
                                             static_cast<std::size_t>(size));
}

}  // namespace valence
