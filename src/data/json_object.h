// The members of a JSON object as they are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace valence {

struct JsonMember {
  std::string name;
  std::string_view value;  // its JSON text, verbatim; borrows the object's text
};

// Splits the text of a JSON object, members in their order. Sets `error` and returns nothing where
// the text is not one JSON object or has a name twice.
std::optional<std::vector<JsonMember>> split_object(std::string_view text, std::string& error);

// The string that a JSON value stands for in a table: strings without quotes and escapes, null
// empty, everything else as it is written.
std::string cell_of(std::string_view value);

// A string as JSON text, with its quotes. Invalid UTF-8 becomes U+FFFD.
std::string quote_json(std::string_view text);

}  // namespace valence
