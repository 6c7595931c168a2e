// The seam for protocols: a request's body becomes texts and options, answers become a body.
//
// Pure functions, without sockets and models; one file a protocol.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "engine/steps.h"
#include "serve/failure.h"
#include "serve/http/message.h"

namespace valence::serve {

struct TextPair {
  std::string first, second;
};
using TokenIds = std::vector<std::int32_t>;
using Input = std::variant<std::string, TextPair, TokenIds>;

struct ClassifyRequest;
struct Outcome;

using ReplyWriter = HttpResponse (*)(const ClassifyRequest&, const Outcome&);

// What KServe's client wants to have, and how.
struct KserveOutput {
  std::string name;
  std::size_t classes = 0;  // the classification extension: this many "score:index:label"
  bool binary = false;
};
struct KserveWishes {
  std::string id;
  std::vector<KserveOutput> outputs;  // none: all that there are
  bool binary = false;                // where an output does not say
};

struct ClassifyRequest {
  std::string model;  // empty: the default
  std::vector<Input> inputs;
  bool single = false;   // the answer is one, not a list of one
  bool details = false;  // lists of labels become objects that also say what was read of a text
  InputOptions input;
  ClassifyOptions options;
  std::optional<std::chrono::milliseconds> timeout;
  KserveWishes kserve;
  ReplyWriter reply = nullptr;
};

// Seconds.
struct Timings {
  double tokenize = 0, queue = 0, inference = 0, total = 0;
};

struct Outcome {
  std::string_view model;
  const ModelInfo& info;
  std::span<const Classification> answers;  // one an input, in order
  Timings timings;
  std::string request_id;
  std::int64_t created = 0;    // Unix time
  std::size_t characters = 0;  // bytes of all texts
};

// What the server does where a request does not say.
struct ProtocolDefaults {
  LongText long_text = LongText::kWindow;
  bool flat_lists = false;  // TEI: ["a", "b"] is two texts, not a pair
};

struct Protocol {
  const char* name;
  // Throws RequestError, or Error(kCorrupt) naming the member that is wrong.
  ClassifyRequest (*parse)(const HttpRequest& request, const ProtocolDefaults& defaults);
  HttpResponse (*fail)(const Failure& failure);
};

extern const Protocol kTei;
extern const Protocol kOpenAi;  // POST /classify: vLLM's and Infinity's
extern const Protocol kHuggingFace;
extern const Protocol kRoot;  // POST /: TEI's, or Hugging Face's where there are "parameters"
extern const Protocol kKserve;

// ---- shared by the protocols ------------------------------------------------------------------

// Parses a body with a limit to how deep it may be. Throws RequestError(kBadRequest) with the byte.
Json parse_body(std::string_view body);

// Reads the members that every protocol here knows beside its own: model, top_k, long,
// window_overlap, function_to_apply, calibrated, details, timeout_ms. `body` must be an object.
void read_common(const JsonRef& body, const ProtocolDefaults& defaults, ClassifyRequest& request);

// An integer between the two, also where it is written as "5.0". Throws Error(kCorrupt).
std::int64_t whole_number(const JsonRef& value, std::int64_t low, std::int64_t high);
// The same of a member; the fallback where it is absent or null.
std::int64_t read_limit(const JsonRef& body, const char* name, std::int64_t low, std::int64_t high,
                        std::int64_t fallback);

// [{"label": ..., "score": ...}] or with `details` an object around it.
nlohmann::ordered_json list_of(const Classification& answer, bool details);

HttpResponse json_response(const nlohmann::ordered_json& body, int status = 200);

// x-truncated, x-windows: what lists of labels have no room for.
void add_reading_fields(const Outcome& outcome, HttpResponse& response);

// A body that names a text's member in each protocol's tongue.
HttpResponse fail_as_tei(const Failure& failure);
HttpResponse fail_as_openai(const Failure& failure);
HttpResponse fail_plainly(const Failure& failure);  // {"error": "..."}

ClassifyRequest parse_tei(const Json& json, const ProtocolDefaults& defaults);
ClassifyRequest parse_hugging_face(const Json& json, const ProtocolDefaults& defaults);
ClassifyRequest parse_infinity(const Json& json, const ProtocolDefaults& defaults);
ClassifyRequest parse_vllm(const Json& json, const ProtocolDefaults& defaults);

}  // namespace valence::serve
