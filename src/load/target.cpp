#include "load/target.h"

#include <array>
#include <charconv>

#include "base/json.h"
#include "valence/error.h"

namespace valence::load {
namespace {

[[noreturn]] void refuse(const std::string& text) {
  throw Error(ErrorCode::kInvalidArgument,
              "\"" + text + "\" is no URL of a server; one looks like http://127.0.0.1:8080");
}

std::string dump(const nlohmann::ordered_json& body) {
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A text, or lists of one each: a flat list of two would be a pair.
std::string tei_body(const std::string& /*model*/, std::span<const std::string> texts) {
  if (texts.size() == 1) return dump({{"inputs", texts[0]}});
  auto lists = nlohmann::ordered_json::array();
  for (const std::string& text : texts) lists.push_back(nlohmann::ordered_json::array({text}));
  return dump({{"inputs", std::move(lists)}});
}

nlohmann::ordered_json one_or_list(std::span<const std::string> texts) {
  if (texts.size() == 1) return texts[0];
  return std::vector<std::string>(texts.begin(), texts.end());
}

std::string vllm_body(const std::string& model, std::span<const std::string> texts) {
  nlohmann::ordered_json body{{"input", one_or_list(texts)}};
  if (!model.empty()) body["model"] = model;
  return dump(body);
}

std::string infinity_body(const std::string& model, std::span<const std::string> texts) {
  return dump({{"model", model.empty() ? "default/not-specified" : model},
               {"input", std::vector<std::string>(texts.begin(), texts.end())},
               {"raw_scores", false}});
}

std::string hf_body(const std::string& /*model*/, std::span<const std::string> texts) {
  return dump({{"inputs", one_or_list(texts)}, {"parameters", Json::object()}});
}

std::string kserve_body(const std::string& /*model*/, std::span<const std::string> texts) {
  const nlohmann::ordered_json input{
      {"name", "text"},
      {"datatype", "BYTES"},
      {"shape", {texts.size()}},
      {"data", std::vector<std::string>(texts.begin(), texts.end())}};
  return dump({{"inputs", nlohmann::ordered_json::array({input})}});
}

constexpr auto kShapes = std::to_array<RequestShape>({
    {"tei", [](const std::string&) -> std::string { return "/predict"; }, tei_body},
    {"vllm", [](const std::string&) -> std::string { return "/classify"; }, vllm_body},
    {"infinity", [](const std::string&) -> std::string { return "/classify"; }, infinity_body},
    {"hf",
     [](const std::string& model) { return model.empty() ? std::string("/") : "/models/" + model; },
     hf_body},
    {"kserve", [](const std::string& model) { return "/v2/models/" + model + "/infer"; },
     kserve_body},
});

}  // namespace

Url parse_url(const std::string& text) {
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    url.tls = true;
    url.port = 443;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    refuse(text);
  }
  const std::size_t path = std::min(rest.find('/'), rest.size());
  url.path = path == rest.size() ? "/" : std::string(rest.substr(path));
  rest = rest.substr(0, path);
  const std::size_t bracket = rest.rfind(']');
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const char* end = rest.data() + rest.size();
    const auto [stop, error] = std::from_chars(rest.data() + colon + 1, end, url.port);
    if (error != std::errc() || stop != end) refuse(text);
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  url.host = rest;
  if (url.host.empty()) refuse(text);
  return url;
}

std::span<const RequestShape> request_shapes() {
  return kShapes;
}

const RequestShape& request_shape(std::string_view name) {
  std::string known;
  for (const RequestShape& shape : kShapes) {
    if (shape.name == name) return shape;
    known += (known.empty() ? "" : ", ") + std::string(shape.name);
  }
  throw Error(ErrorCode::kInvalidArgument,
              "there is no protocol \"" + std::string(name) + "\"; known are: " + known);
}

}  // namespace valence::load
