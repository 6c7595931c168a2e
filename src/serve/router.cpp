#include "serve/router.h"

#include <algorithm>

#include "serve/http/target.h"

namespace valence::serve {
namespace {

constexpr std::string_view kModel = "{model}";

// Whether `segments` fit the pattern; `model` gets what "{model}" stands for.
bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments,
          std::string& model) {
  if (segments.size() < pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != kModel) {
      if (pattern[i] != segments[i]) return false;
      continue;
    }
    model = segments[i];
    if (i + 1 < pattern.size()) continue;
    for (std::size_t k = i + 1; k < segments.size(); ++k) model += "/" + segments[k];
    return !model.empty();
  }
  return segments.size() == pattern.size();
}

}  // namespace

Router::Router(std::vector<Route> routes) {
  entries_.reserve(routes.size());
  for (Route& route : routes) entries_.push_back({route, *split_path(route.pattern)});
}

RouteMatch Router::find(std::string_view method, std::string_view path) const {
  RouteMatch match;
  const auto segments = split_path(path);
  if (!segments) return match;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Entry& entry : entries_) {
    std::string model;
    if (!fits(entry.segments, *segments, model)) continue;
    if (entry.route.method == wanted) {
      match.route = &entry.route;
      match.model = std::move(model);
      match.methods.clear();
      return match;
    }
    if (std::find(match.methods.begin(), match.methods.end(), entry.route.method) ==
        match.methods.end())
      match.methods.push_back(entry.route.method);
  }
  return match;
}

}  // namespace valence::serve
