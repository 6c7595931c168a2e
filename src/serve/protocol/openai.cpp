// POST /classify: vLLM's and Infinity's share path and errors, and differ in the answer.
#include <algorithm>

#include "serve/protocol/protocol.h"

namespace valence::serve {
namespace {

constexpr const char* kInfinityDefault = "default/not-specified";

TokenIds read_ids(const JsonRef& list) {
  TokenIds ids;
  ids.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i)
    ids.push_back(static_cast<std::int32_t>(whole_number(list.at(i), 0, INT32_MAX)));
  return ids;
}

// "text", ["a", "b"], [1, 2, 3] or [[1, 2], [3]].
void read_inputs(const JsonRef& input, ClassifyRequest& request) {
  if (!input.is_array()) {
    request.inputs.emplace_back(input.string());
    return;
  }
  if (input.size() == 0)
    throw RequestError(FailureKind::kInvalid, input.path() + ": holds no text", "input");
  if (input.at(std::size_t{0}).is_number()) {
    request.inputs.emplace_back(read_ids(input));
    return;
  }
  request.inputs.reserve(input.size());
  for (std::size_t i = 0; i < input.size(); ++i) {
    const JsonRef entry = input.at(i);
    if (entry.is_array())
      request.inputs.emplace_back(read_ids(entry));
    else
      request.inputs.emplace_back(entry.string());
  }
}

nlohmann::ordered_json usage_of(const Outcome& outcome) {
  std::size_t tokens = 0;
  for (const Classification& answer : outcome.answers) tokens += answer.tokens;
  return {{"prompt_tokens", tokens}, {"total_tokens", tokens}};
}

// All scores by id, whatever top_k says: the place is all that tells the label.
nlohmann::ordered_json vllm_entry(const ClassifyRequest& request, const Outcome& outcome,
                                  std::size_t index) {
  const Classification& answer = outcome.answers[index];
  std::vector<double> probs(outcome.info.labels.size());
  for (const LabelScore& entry : answer.scores)
    probs[static_cast<std::size_t>(entry.id)] = static_cast<double>(entry.score);
  nlohmann::ordered_json entry{{"index", index},
                               {"label", answer.scores.front().label},
                               {"probs", std::move(probs)},
                               {"num_classes", outcome.info.labels.size()},
                               {"truncated", answer.truncated},
                               {"windows", answer.windows}};
  if (!request.details) return entry;
  entry["scores"] = list_of(answer, false);
  entry["tokens"] = answer.tokens;
  return entry;
}

HttpResponse reply_as_vllm(const ClassifyRequest& request, const Outcome& outcome) {
  auto data = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < outcome.answers.size(); ++i)
    data.push_back(vllm_entry(request, outcome, i));
  nlohmann::ordered_json usage = usage_of(outcome);
  usage["completion_tokens"] = 0;
  usage["prompt_tokens_details"] = nullptr;
  HttpResponse response = json_response({{"id", "classify-" + outcome.request_id},
                                         {"object", "list"},
                                         {"created", outcome.created},
                                         {"model", outcome.model},
                                         {"data", std::move(data)},
                                         {"usage", std::move(usage)}});
  add_reading_fields(outcome, response);
  return response;
}

HttpResponse reply_as_infinity(const ClassifyRequest& request, const Outcome& outcome) {
  auto data = nlohmann::ordered_json::array();
  for (const Classification& answer : outcome.answers)
    data.push_back(list_of(answer, request.details));
  HttpResponse response = json_response({{"object", "classify"},
                                         {"data", std::move(data)},
                                         {"model", outcome.model},
                                         {"usage", usage_of(outcome)},
                                         {"id", "infinity-" + outcome.request_id},
                                         {"created", outcome.created}});
  add_reading_fields(outcome, response);
  return response;
}

// Infinity's clients always say raw_scores, or its name for "any model".
ClassifyRequest parse(const HttpRequest& request, const ProtocolDefaults& defaults) {
  const Json body = parse_body(request.body);
  const bool infinity = body.is_object() && (body.contains("raw_scores") ||
                                             body.value("model", Json()) == kInfinityDefault);
  return infinity ? parse_infinity(body, defaults) : parse_vllm(body, defaults);
}

void read_truncation(const JsonRef& body, ClassifyRequest& request) {
  if (const auto limit = body.find("truncate_prompt_tokens")) {
    const std::int64_t tokens = whole_number(*limit, -1, INT32_MAX);
    if (tokens == 0)
      throw RequestError(FailureKind::kInvalid,
                         "body/truncate_prompt_tokens: is -1 for the model's window, or above 0",
                         "truncate_prompt_tokens");
    request.input.long_text = LongText::kTruncate;
    if (tokens > 0) request.input.max_tokens = static_cast<std::size_t>(tokens);
  }
  // Where nothing is said, vLLM keeps the end of a text that it cuts.
  const std::string side =
      body.string_or("truncation_side", body.has("truncate_prompt_tokens") ? "left" : "right");
  if (side != "left" && side != "right")
    throw RequestError(FailureKind::kInvalid, "body/truncation_side: is one of \"left\", \"right\"",
                       "truncation_side");
  request.input.keep_end = side == "left";
}

}  // namespace

ClassifyRequest parse_vllm(const Json& json, const ProtocolDefaults& defaults) {
  const JsonRef body(json, "body");
  ClassifyRequest request;
  request.reply = reply_as_vllm;
  read_common(body, defaults, request);
  if (body.has("messages") && !body.has("input"))
    throw RequestError(
        FailureKind::kInvalid,
        "body/messages: chat templates are not supported; send the text as \"input\"", "messages");
  read_inputs(body.at("input"), request);
  if (body.has("use_activation") && !body.at("use_activation").boolean())
    request.options.function = ScoreFunction::kNone;
  read_truncation(body, request);
  request.options.top_k = 0;
  return request;
}

ClassifyRequest parse_infinity(const Json& json, const ProtocolDefaults& defaults) {
  const JsonRef body(json, "body");
  ClassifyRequest request;
  request.reply = reply_as_infinity;
  read_common(body, defaults, request);
  if (request.model == kInfinityDefault) request.model.clear();
  read_inputs(body.at("input"), request);
  if (body.boolean_or("raw_scores", false)) request.options.function = ScoreFunction::kNone;
  return request;
}

const Protocol kOpenAi{"openai", parse, fail_as_openai};

}  // namespace valence::serve
