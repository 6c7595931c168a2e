// Paths and queries of URLs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace valence::serve {

// Percent-encoding undone ("+" is a space where `form`); nothing where it is not well formed or
// holds a NUL byte, encoded or not.
std::optional<std::string> decode_percent(std::string_view text, bool form = false);

// "/a/b%2Fc" is {"a", "b/c"}; nothing where it does not start with "/" or is not well formed.
std::optional<std::vector<std::string>> split_path(std::string_view path);

// "a=1&b=2"; nothing where it is not well formed or names a parameter twice.
std::optional<std::map<std::string, std::string>> parse_query(std::string_view query);

}  // namespace valence::serve
