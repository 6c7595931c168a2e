// POST /tokenize: text-embeddings-inference's ("inputs"), and vLLM's ("prompt").
#include "serve/routes/characters.h"
#include "serve/routes/routes.h"

namespace valence::serve {
namespace {

using OrderedJson = nlohmann::ordered_json;

Encoding encode(const Tokenizer& tokenizer, std::string_view text, bool specials) {
  Encoding tokens = tokenizer.tokenize(text);
  return specials ? tokenizer.with_specials(tokens, 0, tokens.size()) : tokens;
}

OrderedJson tokens_of(const Tokenizer& tokenizer, const std::string& text, bool specials) {
  const Encoding tokens = encode(tokenizer, text, specials);
  const std::vector<std::uint32_t> characters = characters_before(text);
  OrderedJson list = OrderedJson::array();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const TextSpan span = tokens.offsets[i];
    const bool special = span.begin == span.end;
    OrderedJson entry{{"id", tokens.ids[i]}};
    entry["text"] = special ? std::string(tokenizer.token(tokens.ids[i]))
                            : text.substr(span.begin, span.end - span.begin);
    entry["special"] = special;
    entry["start"] = special ? OrderedJson() : OrderedJson(characters[span.begin]);
    entry["stop"] = special ? OrderedJson() : OrderedJson(characters[span.end]);
    list.push_back(std::move(entry));
  }
  return list;
}

HttpResponse reply_as_vllm(const Model& model, const JsonRef& body) {
  const bool specials = body.boolean_or("add_special_tokens", true);
  const Encoding tokens = encode(model.steps.tokenizer(), body.at("prompt").string(), specials);
  return json_response({{"count", tokens.size()},
                        {"max_model_len", model.steps.info().window},
                        {"tokens", tokens.ids}});
}

HttpResponse reply_as_tei(const Model& model, const JsonRef& body, std::size_t most) {
  const bool specials = body.boolean_or("add_special_tokens", true);
  const JsonRef inputs = body.at("inputs");
  OrderedJson lists = OrderedJson::array();
  if (!inputs.is_array()) {
    lists.push_back(tokens_of(model.steps.tokenizer(), inputs.string(), specials));
    return json_response(lists);
  }
  if (inputs.size() == 0)
    throw RequestError(FailureKind::kEmpty, "`inputs` cannot be empty", "inputs");
  if (inputs.size() > most)
    throw RequestError(FailureKind::kTooMany,
                       "at most " + std::to_string(most) + " texts are taken", "inputs");
  for (std::size_t i = 0; i < inputs.size(); ++i)
    lists.push_back(tokens_of(model.steps.tokenizer(), inputs.at(i).string(), specials));
  return json_response(lists);
}

}  // namespace

void handle_tokenize(Api& api, const CallPtr& call) {
  api.helpers().post([&api, call] {
    call->answer([&api, call] {
      const Json json = parse_body(call->http.body);
      const JsonRef body(json, "body");
      if (!body.is_object()) body.fail("expected an object");
      const ModelPtr model = need_model(api, body.string_or("model", ""));
      return body.has("prompt") ? reply_as_vllm(*model, body)
                                : reply_as_tei(*model, body, api.options().limits.texts);
    });
  });
}

}  // namespace valence::serve
