#include "serve/routes/parameters.h"

#include <charconv>

#include "serve/failure.h"
#include "serve/http/target.h"

namespace valence::serve {

void refuse_parameter(const std::string& why, const std::string& where) {
  throw RequestError(FailureKind::kInvalid, why, where);
}

Parameters::Parameters(std::string_view query) {
  auto parsed = parse_query(query);
  if (!parsed)
    refuse_parameter("the query is not well formed, or names a parameter twice", "query");
  values_ = std::move(*parsed);
}

std::optional<std::string> Parameters::take(const std::string& name) {
  const auto found = values_.extract(name);
  if (found.empty()) return std::nullopt;
  return found.mapped();
}

bool Parameters::flag(const std::string& name, bool fallback) {
  const auto value = take(name);
  if (!value) return fallback;
  if (*value != "true" && *value != "false") refuse_parameter(name + " is true or false", name);
  return *value == "true";
}

std::int64_t Parameters::number(const std::string& name, std::int64_t low, std::int64_t high,
                                std::int64_t fallback) {
  const auto value = take(name);
  if (!value) return fallback;
  std::int64_t number = 0;
  const char* last = value->data() + value->size();
  const auto [end, error] = std::from_chars(value->data(), last, number);
  if (error != std::errc() || end != last || number < low || number > high)
    refuse_parameter(
        name + " is an integer from " + std::to_string(low) + " to " + std::to_string(high), name);
  return number;
}

Json Parameters::as_json(std::span<const std::string_view> names) {
  Json object = Json::object();
  for (const std::string_view name : names) {
    const auto value = take(std::string(name));
    if (!value) continue;
    const Json parsed = Json::parse(*value, nullptr, false);
    const bool plain = parsed.is_number() || parsed.is_boolean();
    object[std::string(name)] = plain ? parsed : Json(*value);
  }
  return object;
}

void Parameters::check_all_taken() const {
  if (!values_.empty())
    refuse_parameter("there is no parameter \"" + values_.begin()->first + "\"",
                     values_.begin()->first);
}

}  // namespace valence::serve
