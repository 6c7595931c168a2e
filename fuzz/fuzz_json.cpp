// Any bytes as JSON, read in every way that JsonRef offers: an Error or a value.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "valence/error.h"

namespace {

using valence::JsonRef;

template <typename Read>
void attempt(const Read& read) {
  try {
    read();
  } catch (const valence::Error&) {
  }
}

void read_all(const JsonRef& json) {
  attempt([&] { json.string(); });
  attempt([&] { json.boolean(); });
  attempt([&] { json.number(); });
  attempt([&] { json.integer(); });
  attempt([&] {
    const std::int64_t value = json.integer_in(-5, 5);
    if (value < -5 || value > 5) std::abort();
  });
  attempt([&] { json.at("a"); });
  attempt([&] { json.at(std::size_t{0}); });
  attempt([&] { json.string_or("a", "b"); });
  attempt([&] { json.boolean_or("a", true); });
  attempt([&] { json.number_or("a", 1); });
  attempt([&] { json.integer_or("a", 1); });
}

// Level by level, so that depth costs no stack.
void walk(const valence::Json& document) {
  std::vector<JsonRef> open{JsonRef(document, "fuzz: ")};
  for (int steps = 0; !open.empty() && steps < 1000; ++steps) {
    const JsonRef json = open.back();
    open.pop_back();
    read_all(json);
    if (json.is_object())
      for (const auto& [key, value] : json.raw().items()) open.push_back(json.at(key));
    for (std::size_t i = 0; json.is_array() && i < json.size(); ++i) open.push_back(json.at(i));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto duplicates : {valence::DuplicateKeys::kLastWins, valence::DuplicateKeys::kError})
    attempt([&] { walk(valence::parse_json(text, "fuzz", duplicates)); });
  return 0;
}
