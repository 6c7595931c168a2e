#include "serve/router.h"

#include <doctest/doctest.h>

#include "serve/http/target.h"

namespace valence::serve {
namespace {

Router make_router() {
  const auto row = [](std::string_view method, std::string_view pattern) {
    return Route{method, pattern, Access::kKey, &kTei, nullptr, nullptr};
  };
  return Router({row("GET", "/"), row("POST", "/"), row("POST", "/models/{model}"),
                 row("GET", "/models"), row("POST", "/v2/models/{model}/infer"),
                 row("GET", "/v2/models/{model}"), row("GET", "/ui/{file}"),
                 row("POST", "/ui/trends")});
}

std::string pattern_of(const RouteMatch& match) {
  return match.route == nullptr ? "" : std::string(match.route->pattern);
}

TEST_CASE("a route is found by method and path") {
  const Router router = make_router();
  CHECK(pattern_of(router.find("GET", "/")) == "/");
  CHECK(router.find("POST", "/").route->method == "POST");
  CHECK(pattern_of(router.find("HEAD", "/models")) == "/models");
  CHECK(pattern_of(router.find("GET", "/nothing")).empty());
  CHECK(pattern_of(router.find("GET", "models")).empty());
  CHECK(pattern_of(router.find("GET", "/models/")).empty());
  CHECK(router.find("GET", "/nothing").methods.empty());
}

TEST_CASE("a model's name may have slashes at the end of a pattern, or encoded ones anywhere") {
  const Router router = make_router();
  CHECK(router.find("POST", "/models/a").model == "a");
  CHECK(router.find("POST", "/models/org/name").model == "org/name");
  CHECK(router.find("POST", "/v2/models/org%2Fname/infer").model == "org/name");
  CHECK(router.find("GET", "/v2/models/a").model == "a");
  CHECK(pattern_of(router.find("POST", "/models/")).empty());
}

TEST_CASE("the methods of a path are those of the patterns that fit most closely") {
  const Router router = make_router();
  using Methods = std::vector<std::string_view>;
  CHECK(router.find("DELETE", "/").methods == Methods{"GET", "POST"});
  CHECK(router.find("GET", "/v2/models/a/infer").route == nullptr);
  CHECK(router.find("GET", "/v2/models/a/infer").methods == Methods{"POST"});
}

TEST_CASE("a segment that is named counts more than one that is open") {
  const Router router = make_router();
  CHECK(router.find("GET", "/ui/page.js").model == "page.js");
  CHECK(router.find("POST", "/ui/trends").route != nullptr);
  CHECK(router.find("GET", "/ui/trends").route == nullptr);
  CHECK(router.find("GET", "/ui/trends").methods == std::vector<std::string_view>{"POST"});
}

TEST_CASE("paths and queries are decoded with checks") {
  using Segments = std::vector<std::string>;
  CHECK(*split_path("/") == Segments{});
  CHECK(*split_path("/a/b") == Segments{"a", "b"});
  CHECK(*split_path("/a%2Fb") == Segments{"a/b"});
  for (const char* wrong : {"", "a", "/%", "/%4", "/%zz", "/%00"}) CHECK_FALSE(split_path(wrong));
  CHECK(parse_query("a=1&b=x%20y+z&c")->at("b") == "x y z");
  CHECK(parse_query("a=1&b=2&c")->at("c").empty());
  CHECK(parse_query("")->empty());
  CHECK_FALSE(parse_query("a=1&a=2"));
  CHECK_FALSE(parse_query("a=%"));
}

}  // namespace
}  // namespace valence::serve
