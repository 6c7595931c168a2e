// A prepared statement of SQLite, with errors as this project has them.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace valence {

// What SQLite's result code means, naming `origin`; always throws Error.
[[noreturn]] void fail_sqlite(sqlite3* connection, int code, const std::string& origin);

// Text is bound by reference, but by bind_copy(): it must live until the statement is stepped.
class Statement {
 public:
  Statement(sqlite3* connection, const std::string& sql, std::string origin);
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  Statement& bind(int place, std::int64_t value);
  Statement& bind(int place, double value);
  Statement& bind(int place, std::string_view text);
  Statement& bind_copy(int place, std::string_view text);

  bool step();  // true: a row is there
  void run();   // steps once, and is ready for other values

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;
  std::string_view text(int column) const;  // valid until the next step

 private:
  void check(int code) const;

  sqlite3* connection_;
  sqlite3_stmt* statement_ = nullptr;
  std::string origin_;
};

}  // namespace valence
