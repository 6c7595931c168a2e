// Which route a method and a path mean.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http/message.h"
#include "serve/protocol/protocol.h"

namespace valence::serve {

class Api;
struct Call;
using CallPtr = std::shared_ptr<Call>;

// Who may ask.
enum class Access { kOpen, kKey, kAdmin };

// A row of the table of routes. A pattern's segment "{model}" or "{file}" stands for any one
// segment, at its end for all that are left.
struct Route {
  std::string_view method;
  std::string_view pattern;  // also the route's name in metrics and logs
  Access access;
  const Protocol* protocol;  // of the request, or only of its errors
  // Exactly one of the two. A handler runs on an I/O thread and must not block; a stream's runs on
  // a thread of its own.
  void (*handle)(Api& api, const CallPtr& call);
  void (*stream)(Api& api, const CallPtr& call, HttpStream& stream);
};

struct RouteMatch {
  const Route* route = nullptr;           // null: there is none
  std::string model;                      // what the segment in braces stands for
  std::vector<std::string_view> methods;  // that the path takes; none: it is not known
};

// Thread-safe once made.
class Router {
 public:
  explicit Router(std::vector<Route> routes);
  RouteMatch find(std::string_view method, std::string_view path) const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> segments;
  };
  std::vector<Entry> entries_;
};

}  // namespace valence::serve
