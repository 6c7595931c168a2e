#include "base/json.h"

#include <unordered_set>
#include <vector>

#include "valence/error.h"

namespace valence {

namespace {

// Sees every key while a document is parsed, with the keys before it in each open object.
class DuplicateFinder {
 public:
  explicit DuplicateFinder(std::string_view origin) : origin_(origin) {}

  bool operator()(int /*depth*/, Json::parse_event_t event, const Json& value) {
    if (event == Json::parse_event_t::object_start) open_.emplace_back();
    if (event == Json::parse_event_t::object_end) open_.pop_back();
    if (event == Json::parse_event_t::key &&
        !open_.back().insert(value.get_ref<const std::string&>()).second)
      throw Error(ErrorCode::kCorrupt, std::string(origin_) + ": the member \"" +
                                           value.get<std::string>() + "\" stands there twice");
    return true;
  }

 private:
  std::string_view origin_;
  std::vector<std::unordered_set<std::string>> open_;
};

}  // namespace

Json parse_json(std::string_view text, std::string_view origin, DuplicateKeys duplicates) {
  try {
    if (duplicates == DuplicateKeys::kLastWins) return Json::parse(text);
    return Json::parse(text, DuplicateFinder(origin));
  } catch (const Json::parse_error& error) {
    throw Error(ErrorCode::kCorrupt, std::string(origin) + ": not valid JSON at byte " +
                                         std::to_string(error.byte) + "; is the file complete?");
  } catch (const Json::out_of_range&) {
    throw Error(ErrorCode::kCorrupt, std::string(origin) + ": a number is too large");
  }
}

void JsonRef::fail(std::string_view what) const {
  throw Error(ErrorCode::kCorrupt, path_ + ": " + std::string(what) + ", found " +
                                       (value_->is_null() ? "null" : value_->type_name()));
}

bool JsonRef::has(std::string_view key) const {
  return find(key).has_value();
}

JsonRef JsonRef::at(std::string_view key) const {
  if (!value_->is_object()) fail("expected an object");
  const auto found = value_->find(key);
  if (found == value_->end())
    throw Error(ErrorCode::kCorrupt,
                path_ + ": the member \"" + std::string(key) + "\" is missing");
  return {*found, path_ + "/" + std::string(key)};
}

JsonRef JsonRef::at(std::size_t index) const {
  if (!value_->is_array()) fail("expected an array");
  if (index >= value_->size())
    throw Error(ErrorCode::kCorrupt, path_ + ": has " + std::to_string(value_->size()) +
                                         " elements, number " + std::to_string(index) +
                                         " is missing");
  return {(*value_)[index], path_ + "/" + std::to_string(index)};
}

std::optional<JsonRef> JsonRef::find(std::string_view key) const {
  if (!value_->is_object()) return std::nullopt;
  const auto found = value_->find(key);
  if (found == value_->end() || found->is_null()) return std::nullopt;
  return JsonRef(*found, path_ + "/" + std::string(key));
}

std::string JsonRef::string() const {
  if (!value_->is_string()) fail("expected a string");
  return value_->get<std::string>();
}

bool JsonRef::boolean() const {
  if (!value_->is_boolean()) fail("expected true or false");
  return value_->get<bool>();
}

double JsonRef::number() const {
  if (!value_->is_number()) fail("expected a number");
  return value_->get<double>();
}

std::int64_t JsonRef::integer() const {
  const bool too_large = value_->is_number_unsigned() && value_->get<std::uint64_t>() > INT64_MAX;
  if (!value_->is_number_integer() || too_large) fail("expected an integer");
  return value_->get<std::int64_t>();
}

std::int64_t JsonRef::integer_in(std::int64_t low, std::int64_t high) const {
  const std::int64_t value = integer();
  if (value < low || value > high)
    throw Error(ErrorCode::kCorrupt, path_ + ": " + std::to_string(value) + " is not between " +
                                         std::to_string(low) + " and " + std::to_string(high));
  return value;
}

std::string JsonRef::string_or(std::string_view key, std::string_view fallback) const {
  const auto member = find(key);
  return member ? member->string() : std::string(fallback);
}

bool JsonRef::boolean_or(std::string_view key, bool fallback) const {
  const auto member = find(key);
  return member ? member->boolean() : fallback;
}

double JsonRef::number_or(std::string_view key, double fallback) const {
  const auto member = find(key);
  return member ? member->number() : fallback;
}

std::int64_t JsonRef::integer_or(std::string_view key, std::int64_t fallback) const {
  const auto member = find(key);
  return member ? member->integer() : fallback;
}

}  // namespace valence
