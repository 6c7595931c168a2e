#include "web/pages.h"

#include <array>
#include <utility>

namespace valence::web {
namespace {

struct Embedded {
  std::string_view name;
  const char* begin;
  const char* end;
};

// Made of web/dist: kEmbedded.
#include "pages.inl"

constexpr auto kMediaTypes = std::to_array<std::pair<std::string_view, std::string_view>>({
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".json", "application/json"},
});

// What stands in the report's page for its data; web/vite.config.ts looks that it stands there
// once.
constexpr std::string_view kPlace = "\"data of the report\"";

std::string_view media_type_of(std::string_view name) {
  for (const auto& [end, type] : kMediaTypes)
    if (name.ends_with(end)) return type;
  return "application/octet-stream";
}

}  // namespace

Page find_page(std::string_view name) {
  for (const Embedded& page : kEmbedded)
    if (page.name == name)
      return {media_type_of(name), {page.begin, static_cast<std::size_t>(page.end - page.begin)}};
  return {};
}

std::string report_page(std::string_view json) {
  const std::string_view page = find_page("report.html").bytes;
  const std::size_t place = page.find(kPlace);
  return std::string(page.substr(0, place)) + escape_for_script(json) +
         std::string(page.substr(place + kPlace.size()));
}

// In JSON "<" stands in strings only.
std::string escape_for_script(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

}  // namespace valence::web
