// Bodies, paths and queries of every protocol: a request that is taken can be answered, one that is
// refused gets an answer of valid JSON, and nothing else is thrown.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "serve/http/target.h"
#include "serve/protocol/protocol.h"
#include "serve/router.h"
#include "valence/error.h"

namespace {

using namespace valence;
using namespace valence::serve;

void require(bool holds) {
  if (!holds) std::abort();
}

// An answer with as many labels as were asked for.
Classification answer_for(const ClassifyRequest& request) {
  static const std::array<std::string, 2> kNames{"bad", "good \"one\""};
  Classification answer;
  answer.scores = {{1, kNames[1], 0.75F, true}, {0, kNames[0], 0.25F, false}};
  if (request.options.top_k == 1) answer.scores.resize(1);
  answer.windows = 1;
  answer.tokens = 3;
  return answer;
}

void check_reply(const ClassifyRequest& request) {
  require(!request.inputs.empty() && request.reply != nullptr);
  const std::vector<Classification> answers(request.inputs.size(), answer_for(request));
  ModelInfo info;
  info.labels = {"bad", "good \"one\""};
  const HttpResponse response = request.reply(request, {"m", info, answers, {}, "id", 1, 2});
  require(response.status == 200);
  const std::string_view head = response.fields.get("Inference-Header-Content-Length");
  const std::size_t bytes =
      head.empty() ? response.body.size() : std::strtoul(std::string(head).c_str(), nullptr, 10);
  require(bytes <= response.body.size());
  require(Json::accept(response.body.substr(0, bytes)));
}

void check_body(const Protocol& protocol, const HttpRequest& request, bool flat_lists) {
  ProtocolDefaults defaults;
  defaults.flat_lists = flat_lists;
  Failure failure;
  try {
    return check_reply(protocol.parse(request, defaults));
  } catch (const RequestError& error) {
    failure = error.failure();
  } catch (const Error& error) {
    require(error.code() == ErrorCode::kCorrupt);
    failure = {FailureKind::kInvalid, error.what(), {}};
  }
  require(!failure.message.empty());
  const HttpResponse response = protocol.fail(failure);
  require(response.status >= 400 && Json::parse(response.body).contains("error"));
}

void check_target(std::string_view text) {
  static const Router router({{"GET", "/v2/models/{model}", Access::kKey, &kTei, nullptr, nullptr},
                              {"POST", "/models/{model}", Access::kKey, &kTei, nullptr, nullptr}});
  const RouteMatch match = router.find("GET", text);
  require(match.route == nullptr || !match.model.empty());
  if (const auto query = parse_query(text))
    for (const auto& [name, value] : *query)
      require(name.find('\0') == std::string::npos && value.find('\0') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::array kProtocols{&kTei, &kOpenAi, &kHuggingFace, &kRoot, &kKserve};
  HttpRequest request;
  request.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::uint8_t choice = data[0];
  // Tensors behind the JSON begin where its last brace is.
  const std::size_t brace = request.body.rfind('}');
  if ((choice & 0x80) != 0 && brace != std::string::npos)
    request.fields.add("inference-header-content-length", std::to_string(brace + 1));
  check_body(*kProtocols[choice % kProtocols.size()], request, (choice & 0x40) != 0);
  check_target(request.body);
  return 0;
}
