// Hugging Face's inference API: {"inputs": ..., "parameters": {...}}.
#include <utility>

#include "serve/protocol/protocol.h"

namespace valence::serve {
namespace {

// "text", or {"text": ..., "text_pair": ...}, as the pipeline takes them.
Input read_input(const JsonRef& value) {
  if (!value.is_object()) return value.string();
  std::string text = value.at("text").string();
  if (!value.has("text_pair")) return text;
  return TextPair{std::move(text), value.at("text_pair").string()};
}

// Always a list of lists, also for one text: what the API's clients take apart.
HttpResponse reply(const ClassifyRequest& request, const Outcome& outcome) {
  auto body = nlohmann::ordered_json::array();
  for (const Classification& answer : outcome.answers)
    body.push_back(list_of(answer, request.details));
  HttpResponse response = json_response(body);
  add_reading_fields(outcome, response);
  return response;
}

ClassifyRequest parse(const HttpRequest& request, const ProtocolDefaults& defaults) {
  return parse_hugging_face(parse_body(request.body), defaults);
}

}  // namespace

ClassifyRequest parse_hugging_face(const Json& json, const ProtocolDefaults& defaults) {
  const JsonRef body(json, "body");
  if (!body.is_object()) body.fail("expected an object");
  ClassifyRequest request;
  request.reply = reply;
  const auto parameters = body.find("parameters");
  read_common(parameters ? *parameters : body, defaults, request);
  if (parameters) {
    request.model = body.string_or("model", request.model);
    if (parameters->has("truncation"))
      request.input.long_text =
          parameters->at("truncation").boolean() ? LongText::kTruncate : LongText::kError;
  }
  const JsonRef inputs = body.at("inputs");
  if (!inputs.is_array()) {
    request.inputs.push_back(read_input(inputs));
    return request;
  }
  if (inputs.size() == 0)
    throw RequestError(FailureKind::kEmpty, "body/inputs: holds no text", "inputs");
  request.inputs.reserve(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    request.inputs.push_back(read_input(inputs.at(i)));
  return request;
}

const Protocol kHuggingFace{"hugging_face", parse, fail_plainly};

}  // namespace valence::serve
