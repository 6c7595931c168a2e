// JSON read with errors that name the place: "config.json: /hidden_size: expected an integer, found
// a string".
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace valence {

using Json = nlohmann::json;

enum class DuplicateKeys { kLastWins, kError };

// Parses a whole document. Throws Error(kCorrupt) naming `origin` and the byte offset.
Json parse_json(std::string_view text, std::string_view origin,
                DuplicateKeys duplicates = DuplicateKeys::kLastWins);

// A value inside a document together with its path, for reading with checks. Borrows the document:
// it must outlive the JsonRef. Every failed check throws Error(kCorrupt) with origin and path.
class JsonRef {
 public:
  JsonRef(const Json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  const Json& raw() const { return *value_; }
  const std::string& path() const { return path_; }

  bool is_null() const { return value_->is_null(); }
  bool is_string() const { return value_->is_string(); }
  bool is_array() const { return value_->is_array(); }
  bool is_object() const { return value_->is_object(); }
  bool is_number() const { return value_->is_number(); }
  bool has(std::string_view key) const;  // an object with a member of that name that is not null
  std::size_t size() const { return value_->size(); }

  JsonRef at(std::string_view key) const;                   // the member must be there
  JsonRef at(std::size_t index) const;                      // the element must be there
  std::optional<JsonRef> find(std::string_view key) const;  // absent or null: nothing

  std::string string() const;
  bool boolean() const;
  double number() const;
  std::int64_t integer() const;
  std::int64_t integer_in(std::int64_t low, std::int64_t high) const;

  // The member's value, or the fallback where the member is absent or null.
  std::string string_or(std::string_view key, std::string_view fallback) const;
  bool boolean_or(std::string_view key, bool fallback) const;
  double number_or(std::string_view key, double fallback) const;
  std::int64_t integer_or(std::string_view key, std::int64_t fallback) const;

  [[noreturn]] void fail(std::string_view what) const;

 private:
  const Json* value_;
  std::string path_;
};

}  // namespace valence
