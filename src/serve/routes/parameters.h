// What stands in the query of a URL.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"

namespace valence::serve {

// Throws RequestError(kInvalid).
[[noreturn]] void refuse_parameter(const std::string& why, const std::string& where);

// The parameters of a query, each of which has to be asked for. Throws RequestError(kInvalid).
class Parameters {
 public:
  explicit Parameters(std::string_view query);

  std::optional<std::string> take(const std::string& name);
  bool flag(const std::string& name, bool fallback);
  std::int64_t number(const std::string& name, std::int64_t low, std::int64_t high,
                      std::int64_t fallback);
  // What the JSON protocols read as members: numbers and flags become such.
  Json as_json(std::span<const std::string_view> names);
  void check_all_taken() const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace valence::serve
