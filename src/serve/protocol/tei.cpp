// text-embeddings-inference: POST /predict.
#include <algorithm>
#include <cmath>

#include "serve/protocol/protocol.h"

namespace valence::serve {
namespace {

constexpr double kMilliseconds = 1000;

bool is_flat(const JsonRef& list) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (!list.at(i).is_string()) return false;
  return true;
}

// "text", ["text"] or ["text", "other text"].
Input read_input(const JsonRef& value) {
  if (!value.is_array()) return value.string();
  if (value.size() != 1 && value.size() != 2)
    throw RequestError(FailureKind::kInvalid,
                       value.path() +
                           ": a list of strings is a text or a pair of texts, this one "
                           "has " +
                           std::to_string(value.size()) +
                           "; several texts are lists in a list: [[\"a\"], [\"b\"], [\"c\"]]",
                       "inputs");
  if (value.size() == 1) return value.at(std::size_t{0}).string();
  return TextPair{value.at(std::size_t{0}).string(), value.at(std::size_t{1}).string()};
}

void read_inputs(const JsonRef& inputs, bool flat_lists, ClassifyRequest& request) {
  const bool is_list = inputs.is_array() && inputs.size() > 0;
  request.single = !is_list || (is_flat(inputs) && !flat_lists);
  if (!inputs.is_array() || request.single) {
    if (inputs.is_array() && inputs.size() == 0)
      throw RequestError(FailureKind::kEmpty, "`inputs` cannot be empty", "inputs");
    request.inputs.push_back(read_input(inputs));
  } else {
    request.inputs.reserve(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const JsonRef entry = inputs.at(i);
      request.inputs.push_back(read_input(entry));
    }
  }
  for (const Input& input : request.inputs) {
    const auto* text = std::get_if<std::string>(&input);
    const auto* pair = std::get_if<TextPair>(&input);
    if ((text != nullptr && text->empty()) ||
        (pair != nullptr && pair->first.empty() && pair->second.empty()))
      throw RequestError(FailureKind::kEmpty, "`inputs` cannot be empty", "inputs");
  }
}

std::string milliseconds(double seconds) {
  return std::to_string(std::lround(seconds * kMilliseconds));
}

nlohmann::ordered_json tei_list(const Classification& answer, bool details) {
  if (details) return list_of(answer, true);
  auto list = nlohmann::ordered_json::array();
  for (const LabelScore& entry : answer.scores)
    list.push_back({{"score", static_cast<double>(entry.score)}, {"label", entry.label}});
  return list;
}

HttpResponse reply(const ClassifyRequest& request, const Outcome& outcome) {
  nlohmann::ordered_json body;
  if (request.single) {
    body = tei_list(outcome.answers.front(), request.details);
  } else {
    body = nlohmann::ordered_json::array();
    for (const Classification& answer : outcome.answers)
      body.push_back(tei_list(answer, request.details));
  }
  HttpResponse response = json_response(body);
  std::size_t tokens = 0;
  for (const Classification& answer : outcome.answers) tokens += answer.tokens;
  const Timings& times = outcome.timings;
  response.fields.add("x-compute-type", "cpu");
  response.fields.add("x-compute-time", milliseconds(times.total));
  response.fields.add("x-compute-characters", std::to_string(outcome.characters));
  response.fields.add("x-compute-tokens", std::to_string(tokens));
  response.fields.add("x-total-time", milliseconds(times.total));
  response.fields.add("x-tokenization-time", milliseconds(times.tokenize));
  response.fields.add("x-queue-time", milliseconds(times.queue));
  response.fields.add("x-inference-time", milliseconds(times.inference));
  add_reading_fields(outcome, response);
  return response;
}

ClassifyRequest parse(const HttpRequest& request, const ProtocolDefaults& defaults) {
  return parse_tei(parse_body(request.body), defaults);
}

ClassifyRequest parse_root(const HttpRequest& request, const ProtocolDefaults& defaults) {
  const Json body = parse_body(request.body);
  const bool hugging_face = body.is_object() && body.contains("parameters");
  return hugging_face ? parse_hugging_face(body, defaults) : parse_tei(body, defaults);
}

}  // namespace

ClassifyRequest parse_tei(const Json& json, const ProtocolDefaults& defaults) {
  const JsonRef body(json, "body");
  ClassifyRequest request;
  request.reply = reply;
  read_common(body, defaults, request);
  read_inputs(body.at("inputs"), defaults.flat_lists, request);
  if (body.has("truncate"))
    request.input.long_text =
        body.at("truncate").boolean() ? LongText::kTruncate : LongText::kError;
  const std::string direction = body.string_or("truncation_direction", "right");
  std::string lower(direction.size(), ' ');
  std::transform(direction.begin(), direction.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower != "left" && lower != "right")
    throw RequestError(FailureKind::kInvalid,
                       "body/truncation_direction: is one of \"left\", \"right\"",
                       "truncation_direction");
  request.input.keep_end = lower == "left";
  if (body.boolean_or("raw_scores", false)) request.options.function = ScoreFunction::kNone;
  return request;
}

const Protocol kTei{"tei", parse, fail_as_tei};
const Protocol kRoot{"root", parse_root, fail_as_tei};

}  // namespace valence::serve
