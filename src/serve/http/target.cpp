#include "serve/http/target.h"

#include <algorithm>
#include <charconv>

namespace valence::serve {

std::optional<std::string> decode_percent(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0') return std::nullopt;
    if (text[i] == '+' && form) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      unsigned value = 0;
      const char* begin = text.data() + i + 1;
      const auto [end, error] = std::from_chars(begin, begin + 2, value, 16);
      if (error != std::errc() || end != begin + 2 || value == 0) return std::nullopt;
      out += static_cast<char>(value);
      i += 2;
    }
  }
  return out;
}

std::optional<std::vector<std::string>> split_path(std::string_view path) {
  if (path.empty() || path[0] != '/') return std::nullopt;
  std::vector<std::string> segments;
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    std::optional<std::string> segment = decode_percent(path.substr(0, end));
    if (!segment) return std::nullopt;
    segments.push_back(std::move(*segment));
    if (end + 1 == path.size()) segments.emplace_back();  // "/a/" is not "/a"
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

std::optional<std::map<std::string, std::string>> parse_query(std::string_view query) {
  std::map<std::string, std::string> values;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    std::optional<std::string> name = decode_percent(part.substr(0, equals), true);
    std::optional<std::string> value =
        decode_percent(part.substr(std::min(equals + 1, part.size())), true);
    if (!name || !value || !values.emplace(std::move(*name), std::move(*value)).second)
      return std::nullopt;
  }
  return values;
}

}  // namespace valence::serve
