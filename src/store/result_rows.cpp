// Rows of the store, written and read.
#include <utility>

#include "base/utf8.h"
#include "store/result_store.h"
#include "store/statement.h"
#include "valence/error.h"

namespace valence {
namespace {

std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

template <typename Value>
std::string object_of(const std::vector<std::pair<std::string, Value>>& members) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [name, value] : members) json[replace_invalid_utf8(name)] = value;
  return json_text(json);
}

// Members of another kind than `Value` are passed over: the store can be written by other programs.
template <typename Value>
std::vector<std::pair<std::string, Value>> members_of(std::string_view text) {
  std::vector<std::pair<std::string, Value>> members;
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return members;
  members.reserve(json.size());
  for (const auto& [name, value] : json.items()) {
    if constexpr (std::is_same_v<Value, double>) {
      if (value.is_number()) members.emplace_back(name, value.template get<double>());
    } else {
      members.emplace_back(
          name, value.is_string() ? value.template get<std::string>() : json_text(value));
    }
  }
  return members;
}

const char* order_of(ResultQuery::Order order) {
  switch (order) {
    case ResultQuery::Order::kNewest:
      return " ORDER BY id DESC";
    case ResultQuery::Order::kLowestScore:
      return " ORDER BY score, id";
    case ResultQuery::Order::kOldest:
      break;
  }
  return " ORDER BY id";
}

std::string sql_of(const ResultQuery& query) {
  std::string sql = "SELECT id, time, model, label, score, polarity, source, error";
  sql += query.texts ? ", text" : ", NULL";
  sql += query.scores ? ", scores" : ", NULL";
  sql += query.columns ? ", columns" : ", NULL";
  sql += " FROM results WHERE true";
  // Only bounds that are there: for one SQLite goes by the index of times, and sorts the rows.
  if (query.from != ResultQuery().from) sql += " AND time >= ?1";
  if (query.to != ResultQuery().to) sql += " AND time < ?2";
  if (!query.with_errors) sql += " AND label IS NOT NULL";
  if (query.model) sql += " AND model = ?3";
  if (query.label) sql += " AND label = ?4";
  if (query.score_below) sql += " AND score < ?5";
  if (query.polarity_below) sql += " AND polarity < ?6";
  return sql + order_of(query.order) + " LIMIT ?7 OFFSET ?8";
}

}  // namespace

ResultCursor::ResultCursor(std::unique_ptr<Statement> statement)
    : statement_(std::move(statement)) {}
ResultCursor::~ResultCursor() = default;
ResultCursor::ResultCursor(ResultCursor&&) noexcept = default;
ResultCursor& ResultCursor::operator=(ResultCursor&&) noexcept = default;

void ResultStore::insert(Statement& statement, const StoredResult& result) const {
  // SQLite takes any bytes for text, but what reads them again expects UTF-8.
  const std::string text = replace_invalid_utf8(result.text.value_or(""));
  const std::string scores = object_of(result.scores);
  const std::string columns = object_of(result.columns);
  statement.bind(1, result.time).bind(2, result.model).bind(8, result.source);
  if (result.error.empty())
    statement.bind(3, result.label).bind(4, result.score);
  else
    statement.bind(10, result.error);
  if (!result.scores.empty()) statement.bind(5, scores);
  if (result.polarity) statement.bind(6, *result.polarity);
  if (result.text) statement.bind(7, text);
  if (!result.columns.empty()) statement.bind(9, columns);
  statement.run();
}

ResultCursor ResultStore::read(const ResultQuery& query) const {
  auto statement = std::make_unique<Statement>(prepare(sql_of(query)));
  statement->bind(1, query.from).bind(2, query.to).bind(7, query.limit).bind(8, query.offset);
  if (query.model) statement->bind_copy(3, *query.model);
  if (query.label) statement->bind_copy(4, *query.label);
  if (query.score_below) statement->bind(5, *query.score_below);
  if (query.polarity_below) statement->bind(6, *query.polarity_below);
  return ResultCursor(std::move(statement));
}

bool ResultCursor::next(StoredResult& result) {
  // A statement that is stepped once more behind its last row begins anew.
  if (statement_ && !statement_->step()) statement_.reset();
  if (!statement_) return false;
  const Statement& row = *statement_;
  result.id = row.integer(0);
  result.time = row.integer(1);
  result.model = row.text(2);
  result.label = row.text(3);
  result.score = row.number(4);
  result.polarity = row.is_null(5) ? std::nullopt : std::optional(row.number(5));
  result.source = row.text(6);
  result.error = row.text(7);
  result.text = row.is_null(8) ? std::nullopt : std::optional(std::string(row.text(8)));
  result.scores = members_of<double>(row.text(9));
  result.columns = members_of<std::string>(row.text(10));
  return true;
}

}  // namespace valence
