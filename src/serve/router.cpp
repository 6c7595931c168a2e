#include "serve/router.h"

#include "serve/http/target.h"

namespace valence::serve {
namespace {

bool is_open(std::string_view segment) {
  return segment.starts_with('{');
}

// How many segments are taken by open ones; nothing where the segments do not fit. `model` gets
// what the open one stands for.
std::optional<std::size_t> open_segments(const std::vector<std::string>& pattern,
                                         const std::vector<std::string>& segments,
                                         std::string& model) {
  if (segments.size() < pattern.size()) return std::nullopt;
  const std::size_t extra = segments.size() - pattern.size();
  std::size_t open = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!is_open(pattern[i])) {
      if (pattern[i] != segments[i]) return std::nullopt;
      continue;
    }
    ++open;
    model = segments[i];
    if (i + 1 < pattern.size()) continue;
    for (std::size_t k = i + 1; k < segments.size(); ++k) model += "/" + segments[k];
    if (model.empty()) return std::nullopt;
    return extra + open;
  }
  return extra == 0 ? std::optional(open) : std::nullopt;
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
  std::size_t least = segments->size() + 1;  // the patterns that fit most closely are the path's
  for (const Entry& entry : entries_) {
    std::string model;
    const auto open = open_segments(entry.segments, *segments, model);
    if (!open || *open > least) continue;
    if (*open < least) match = {};
    least = *open;
    match.methods.push_back(entry.route.method);
    if (entry.route.method != wanted || match.route != nullptr) continue;
    match.route = &entry.route;
    match.model = std::move(model);
  }
  return match;
}

}  // namespace valence::serve
