// What the protocols share.
#include <algorithm>
#include <array>
#include <cmath>

#include "serve/protocol/protocol.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

constexpr std::size_t kMostDepth = 32;
constexpr std::int64_t kMostNumber = 1'000'000'000;

// The byte at which brackets are nested too deeply; npos: nowhere. Parsing would take memory for
// every level.
std::size_t too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside) {
      if (c == '\\') ++i;
      if (c == '"') inside = false;
    } else if (c == '"') {
      inside = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMostDepth) return i;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::string_view::npos;
}

template <typename Value>
Value read_name(const JsonRef& body, const char* member, Value fallback,
                std::span<const std::pair<std::string_view, Value>> known) {
  const auto found = body.find(member);
  if (!found) return fallback;
  const std::string name = found->string();
  std::string names;
  for (const auto& [text, value] : known) {
    if (text == name) return value;
    names += (names.empty() ? "\"" : ", \"") + std::string(text) + "\"";
  }
  throw RequestError(FailureKind::kInvalid, found->path() + ": is one of " + names, member);
}

constexpr auto kLongTexts =
    std::to_array<std::pair<std::string_view, LongText>>({{"window", LongText::kWindow},
                                                          {"truncate", LongText::kTruncate},
                                                          {"error", LongText::kError}});
constexpr auto kFunctions =
    std::to_array<std::pair<std::string_view, ScoreFunction>>({{"softmax", ScoreFunction::kSoftmax},
                                                               {"sigmoid", ScoreFunction::kSigmoid},
                                                               {"none", ScoreFunction::kNone}});

const char* tei_type_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::kEmpty:
      return "Empty";
    case FailureKind::kOverloaded:
      return "Overloaded";
    case FailureKind::kUnavailable:
    case FailureKind::kTimeout:
      return "Unhealthy";
    case FailureKind::kInternal:
      return "Backend";
    default:
      return "Validation";
  }
}

const char* openai_type_of(int status) {
  switch (status) {
    case 401:
      return "AuthenticationError";
    case 403:
      return "PermissionDeniedError";
    case 404:
      return "NotFoundError";
    case 422:
      return "UnprocessableEntityError";
    case 429:
      return "RateLimitError";
    default:
      return status < 500 ? "BadRequestError" : "InternalServerError";
  }
}

}  // namespace

Json parse_body(std::string_view body) {
  const std::size_t deep = too_deep(body);
  if (deep != std::string_view::npos)
    throw RequestError(FailureKind::kBadRequest,
                       "the body is nested more than " + std::to_string(kMostDepth) +
                           " levels deep at byte " + std::to_string(deep + 1));
  try {
    return Json::parse(body);
  } catch (const Json::parse_error& error) {
    throw RequestError(FailureKind::kBadRequest,
                       "the body is not valid JSON in UTF-8 at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    throw RequestError(FailureKind::kBadRequest, "the body has a number that is too large");
  }
}

std::int64_t read_limit(const JsonRef& body, const char* name, std::int64_t low, std::int64_t high,
                        std::int64_t fallback) {
  const auto found = body.find(name);
  return found ? whole_number(*found, low, high) : fallback;
}

std::int64_t whole_number(const JsonRef& value, std::int64_t low, std::int64_t high) {
  if (!value.raw().is_number_float()) return value.integer_in(low, high);
  const auto number = value.raw().get<double>();
  if (std::trunc(number) != number) value.fail("expected an integer");
  const bool inside = number >= static_cast<double>(low) && number <= static_cast<double>(high);
  const Json whole = inside       ? static_cast<std::int64_t>(number)
                     : number < 0 ? INT64_MIN
                                  : INT64_MAX;
  return JsonRef(whole, value.path()).integer_in(low, high);
}

void read_common(const JsonRef& body, const ProtocolDefaults& defaults, ClassifyRequest& request) {
  if (!body.is_object()) body.fail("expected an object");
  request.model = body.string_or("model", "");
  request.options.top_k = static_cast<std::size_t>(read_limit(body, "top_k", 1, kMostNumber, 0));
  request.options.function =
      read_name<ScoreFunction>(body, "function_to_apply", ScoreFunction::kModel, kFunctions);
  request.options.calibrated = body.boolean_or("calibrated", true);
  request.input.long_text = read_name<LongText>(body, "long", defaults.long_text, kLongTexts);
  request.input.window_overlap =
      static_cast<std::size_t>(read_limit(body, "window_overlap", 0, kMostNumber,
                                          static_cast<std::int64_t>(request.input.window_overlap)));
  request.details = body.boolean_or("details", false);
  if (const std::int64_t limit = read_limit(body, "timeout_ms", 1, kMostNumber, 0); limit > 0)
    request.timeout = std::chrono::milliseconds(limit);
}

nlohmann::ordered_json list_of(const Classification& answer, bool details) {
  auto list = nlohmann::ordered_json::array();
  for (const LabelScore& entry : answer.scores)
    list.push_back({{"label", entry.label}, {"score", static_cast<double>(entry.score)}});
  if (!details) return list;
  return {{"scores", std::move(list)},
          {"tokens", answer.tokens},
          {"windows", answer.windows},
          {"truncated", answer.truncated}};
}

HttpResponse json_response(const nlohmann::ordered_json& body, int status) {
  HttpResponse response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

void add_reading_fields(const Outcome& outcome, HttpResponse& response) {
  std::size_t windows = 0;
  bool truncated = false;
  for (const Classification& answer : outcome.answers) {
    windows += answer.windows;
    truncated = truncated || answer.truncated;
  }
  response.fields.add("x-truncated", truncated ? "true" : "false");
  response.fields.add("x-windows", std::to_string(windows));
}

HttpResponse fail_as_tei(const Failure& failure) {
  return json_response({{"error", failure.message}, {"error_type", tei_type_of(failure.kind)}},
                       status_of(failure.kind));
}

HttpResponse fail_as_openai(const Failure& failure) {
  const bool limit = failure.kind == FailureKind::kTooLong || failure.kind == FailureKind::kTooMany;
  const int status = limit ? 400 : status_of(failure.kind);
  nlohmann::ordered_json error{
      {"message", failure.message}, {"type", openai_type_of(status)}, {"param", nullptr}};
  if (!failure.where.empty()) error["param"] = failure.where;
  error["code"] = status;
  return json_response({{"error", std::move(error)}}, status);
}

HttpResponse fail_plainly(const Failure& failure) {
  return json_response({{"error", failure.message}}, status_of(failure.kind));
}

}  // namespace valence::serve
