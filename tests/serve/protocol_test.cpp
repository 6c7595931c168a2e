#include "serve/protocol/protocol.h"

#include <doctest/doctest.h>

#include <array>

#include "valence/error.h"

namespace valence::serve {
namespace {

HttpRequest request_of(const std::string& body) {
  HttpRequest request;
  request.body = body;
  return request;
}

ClassifyRequest parse(const Protocol& protocol, const std::string& body,
                      const ProtocolDefaults& defaults = {}) {
  return protocol.parse(request_of(body), defaults);
}

// The failure that a body meets with; fails the test where there is none.
Failure failure(const Protocol& protocol, const std::string& body) {
  try {
    parse(protocol, body);
  } catch (const RequestError& error) {
    return error.failure();
  } catch (const Error& error) {
    return {FailureKind::kInvalid, error.what(), {}};
  }
  FAIL("was taken: ", body);
  return {};
}

std::string text_of(const Input& input) {
  return std::get<std::string>(input);
}

ModelInfo three_labels() {
  ModelInfo info;
  info.labels = {"bad", "so-so", "good"};
  return info;
}

Classification answer_of(std::array<float, 3> scores) {
  static const std::array<std::string, 3> kNames{"bad", "so-so", "good"};
  Classification answer;
  for (std::int32_t id = 0; id < 3; ++id)
    answer.scores.push_back(
        {id, kNames[static_cast<std::size_t>(id)], scores[static_cast<std::size_t>(id)], false});
  std::sort(answer.scores.begin(), answer.scores.end(),
            [](const LabelScore& a, const LabelScore& b) { return a.score > b.score; });
  answer.tokens = 5;
  answer.windows = 1;
  return answer;
}

HttpResponse reply(const ClassifyRequest& request, std::vector<Classification> answers) {
  const ModelInfo info = three_labels();
  return request.reply(request, {"m", info, answers, {}, "id", 1700000000, 7});
}

Json body_of(const HttpResponse& response) {
  return Json::parse(response.body);
}

std::string field(const HttpResponse& response, const char* name) {
  return std::string(response.fields.get(name));
}

const Classification kGood = answer_of({0.125F, 0.25F, 0.625F});
const Classification kBad = answer_of({0.75F, 0.125F, 0.125F});

TEST_CASE("TEI: a text, a list of one, a pair, a batch") {
  const ClassifyRequest one = parse(kTei, R"({"inputs": "a"})");
  CHECK(one.single);
  CHECK(text_of(one.inputs.at(0)) == "a");
  const ClassifyRequest listed = parse(kTei, R"({"inputs": ["a"]})");
  CHECK(listed.single);
  const ClassifyRequest pair = parse(kTei, R"({"inputs": ["a", "b"]})");
  CHECK(pair.single);
  CHECK(std::get<TextPair>(pair.inputs.at(0)).second == "b");
  const ClassifyRequest batch = parse(kTei, R"({"inputs": [["a"], ["b", "c"], ["d"]]})");
  CHECK_FALSE(batch.single);
  CHECK(batch.inputs.size() == 3);
  CHECK(std::get<TextPair>(batch.inputs.at(1)).first == "b");
  CHECK(failure(kTei, R"({"inputs": ["a", "b", "c"]})").kind == FailureKind::kInvalid);
  ProtocolDefaults flat;
  flat.flat_lists = true;
  CHECK(parse(kTei, R"({"inputs": ["a", "b", "c"]})", flat).inputs.size() == 3);
}

TEST_CASE("TEI: options") {
  CHECK(parse(kTei, R"({"inputs": "a"})").input.long_text == LongText::kWindow);
  CHECK(parse(kTei, R"({"inputs": "a", "truncate": true})").input.long_text == LongText::kTruncate);
  CHECK(parse(kTei, R"({"inputs": "a", "truncate": false})").input.long_text == LongText::kError);
  CHECK(parse(kTei, R"({"inputs": "a", "truncation_direction": "Left"})").input.keep_end);
  CHECK(parse(kTei, R"({"inputs": "a", "raw_scores": true})").options.function ==
        ScoreFunction::kNone);
  const ClassifyRequest own =
      parse(kTei, R"({"inputs": "a", "top_k": 2, "long": "error", "window_overlap": 3, "model": "m",
                "function_to_apply": "sigmoid", "calibrated": false, "timeout_ms": 250.0})");
  CHECK(own.options.top_k == 2);
  CHECK(own.input.long_text == LongText::kError);
  CHECK(own.input.window_overlap == 3);
  CHECK(own.model == "m");
  CHECK(own.options.function == ScoreFunction::kSigmoid);
  CHECK_FALSE(own.options.calibrated);
  CHECK(own.timeout == std::chrono::milliseconds(250));
}

TEST_CASE("TEI: answers") {
  const HttpResponse one = reply(parse(kTei, R"({"inputs": "a"})"), {kGood});
  CHECK(one.status == 200);
  CHECK(
      one.body ==
      R"([{"score":0.625,"label":"good"},{"score":0.25,"label":"so-so"},{"score":0.125,"label":"bad"}])");
  CHECK(field(one, "x-compute-tokens") == "5");
  CHECK(field(one, "x-compute-characters") == "7");
  CHECK(field(one, "x-truncated") == "false");
  const Json two = body_of(reply(parse(kTei, R"({"inputs": [["a"], ["b"]]})"), {kGood, kBad}));
  CHECK(two.size() == 2);
  CHECK(two[1][0]["label"] == "bad");
  const Json detailed = body_of(reply(parse(kTei, R"({"inputs": "a", "details": true})"), {kGood}));
  CHECK(detailed["windows"] == 1);
  CHECK(detailed["truncated"] == false);
  CHECK(detailed["scores"][0]["label"] == "good");
}

TEST_CASE("bodies that are wrong get the code and the place") {
  CHECK(failure(kTei, R"({"inputs": "a)").message.find("byte 14") != std::string::npos);
  CHECK(failure(kTei, R"({"inputs": "a)").kind == FailureKind::kBadRequest);
  CHECK(failure(kTei, "").kind == FailureKind::kBadRequest);
  CHECK(failure(kTei, "{\"inputs\": \"\xFF\"}").kind == FailureKind::kBadRequest);
  CHECK(failure(kTei, R"({"inputs": "\ud800"})").kind == FailureKind::kBadRequest);
  CHECK(failure(kTei, std::string(100000, '[')).kind == FailureKind::kBadRequest);
  CHECK(failure(kTei, std::string(33, '[')).message.find("byte 33") != std::string::npos);
  CHECK(failure(kTei, "[]").kind == FailureKind::kInvalid);
  CHECK(failure(kTei, "{}").message.find("\"inputs\" is missing") != std::string::npos);
  CHECK(failure(kTei, R"({"inputs": 5})").message.find("body/inputs") != std::string::npos);
  CHECK(failure(kTei, R"({"inputs": [["a"], [5]]})").message.find("body/inputs/1") !=
        std::string::npos);
  CHECK(failure(kTei, R"({"inputs": ""})").kind == FailureKind::kEmpty);
  CHECK(failure(kTei, R"({"inputs": []})").kind == FailureKind::kEmpty);
  for (const char* option :
       {R"("top_k": 0)", R"("top_k": 1.5)", R"("top_k": 1e300)", R"("top_k": "1")",
        R"("long": "cut")", R"("truncate": 1)", R"("truncation_direction": "up")",
        R"("timeout_ms": 0)", R"("function_to_apply": "tanh")", R"("window_overlap": -1)"})
    CHECK(failure(kTei, R"({"inputs": "a", )" + std::string(option) + "}").kind ==
          FailureKind::kInvalid);
}

TEST_CASE("a failure never quotes a text") {
  for (const char* body : {R"({"inputs": {"secret": 1}})", R"({"inputs": "secret)",
                           R"({"inputs": ["secret", 1]})", R"({"inputs": "a", "long": "secret"})"})
    CHECK(failure(kTei, body).message.find("secret") == std::string::npos);
}

TEST_CASE("vLLM: input as text, list and ids") {
  CHECK(text_of(parse(kOpenAi, R"({"input": "a", "model": "m"})").inputs.at(0)) == "a");
  CHECK(parse(kOpenAi, R"({"input": ["a", "b"]})").inputs.size() == 2);
  CHECK(std::get<TokenIds>(parse(kOpenAi, R"({"input": [1, 2, 3]})").inputs.at(0)) ==
        TokenIds{1, 2, 3});
  CHECK(parse(kOpenAi, R"({"input": [[1, 2], [3]]})").inputs.size() == 2);
  CHECK(parse(kOpenAi, R"({"input": "a", "use_activation": false})").options.function ==
        ScoreFunction::kNone);
  const ClassifyRequest cut = parse(kOpenAi, R"({"input": "a", "truncate_prompt_tokens": 7})");
  CHECK(cut.input.long_text == LongText::kTruncate);
  CHECK(cut.input.max_tokens == 7);
  CHECK(cut.input.keep_end);
  const ClassifyRequest whole =
      parse(kOpenAi, R"({"input": "a", "truncate_prompt_tokens": -1, "truncation_side": "right"})");
  CHECK(whole.input.max_tokens == 0);
  CHECK_FALSE(whole.input.keep_end);
  for (const char* body : {R"({"input": []})", R"({"input": [-1]})", R"({"input": [1, "a"]})",
                           R"({"input": [1.5]})", R"({"input": [4294967296]})",
                           R"({"messages": []})", R"({"input": "a", "truncate_prompt_tokens": 0})"})
    CHECK(failure(kOpenAi, body).kind == FailureKind::kInvalid);
}

TEST_CASE("vLLM: answers have probabilities by id, also where fewer labels are asked for") {
  const ClassifyRequest request = parse(kOpenAi, R"({"input": ["a", "b"], "top_k": 1})");
  CHECK(request.options.top_k == 0);
  const Json body = body_of(reply(request, {kGood, kBad}));
  CHECK(body["id"] == "classify-id");
  CHECK(body["object"] == "list");
  CHECK(body["created"] == 1700000000);
  CHECK(body["data"][0] == Json::parse(R"({"index": 0, "label": "good", "num_classes": 3,
      "probs": [0.125, 0.25, 0.625], "truncated": false, "windows": 1})"));
  CHECK(body["data"][1]["label"] == "bad");
  CHECK(body["usage"]["prompt_tokens"] == 10);
  CHECK(body["usage"]["prompt_tokens_details"] == nullptr);
}

TEST_CASE("Infinity's request gets Infinity's answer") {
  const ClassifyRequest request =
      parse(kOpenAi, R"({"input": ["a"], "model": "default/not-specified", "raw_scores": true})");
  CHECK(request.model.empty());
  CHECK(request.options.function == ScoreFunction::kNone);
  const Json body = body_of(reply(request, {kGood}));
  CHECK(body["object"] == "classify");
  CHECK(body["data"][0][0] == Json::parse(R"({"label": "good", "score": 0.625})"));
  CHECK(parse(kOpenAi, R"({"input": ["a"], "raw_scores": false})").options.function ==
        ScoreFunction::kModel);
}

TEST_CASE("OpenAI's errors: numbers as codes, limits of tokens and texts are 400") {
  const Json wrong = body_of(kOpenAi.fail({FailureKind::kInvalid, "why", "input"}));
  CHECK(wrong["error"]["code"] == 422);
  CHECK(wrong["error"]["param"] == "input");
  CHECK(kOpenAi.fail({FailureKind::kTooLong, "why", {}}).status == 400);
  CHECK(kOpenAi.fail({FailureKind::kTooMany, "why", {}}).status == 400);
  CHECK(kTei.fail({FailureKind::kTooLong, "why", {}}).status == 422);
  CHECK(body_of(kOpenAi.fail({FailureKind::kUnknownModel, "why", {}}))["error"]["type"] ==
        "NotFoundError");
}

TEST_CASE("TEI's errors have a type") {
  const auto type = [](FailureKind kind) {
    return body_of(kTei.fail({kind, "", {}}))["error_type"];
  };
  CHECK(type(FailureKind::kEmpty) == "Empty");
  CHECK(type(FailureKind::kOverloaded) == "Overloaded");
  CHECK(type(FailureKind::kInvalid) == "Validation");
  CHECK(type(FailureKind::kUnavailable) == "Unhealthy");
  CHECK(type(FailureKind::kInternal) == "Backend");
}

TEST_CASE("Hugging Face: parameters, pairs, and lists of lists") {
  const ClassifyRequest one = parse(
      kHuggingFace, R"({"inputs": "a", "parameters": {"top_k": 2, "function_to_apply": "none"}})");
  CHECK(one.options.top_k == 2);
  CHECK(one.options.function == ScoreFunction::kNone);
  CHECK(body_of(reply(one, {kGood}))[0][0]["label"] == "good");
  CHECK(parse(kHuggingFace, R"({"inputs": ["a", "b"]})").inputs.size() == 2);
  const ClassifyRequest pair =
      parse(kHuggingFace, R"({"inputs": {"text": "a", "text_pair": "b"}})");
  CHECK(std::get<TextPair>(pair.inputs.at(0)).second == "b");
  CHECK(parse(kHuggingFace, R"({"inputs": "", "parameters": null})").inputs.size() == 1);
  CHECK(failure(kHuggingFace, R"({"inputs": []})").kind == FailureKind::kEmpty);
  CHECK(failure(kHuggingFace, R"({"inputs": {"text_pair": "b"}})").kind == FailureKind::kInvalid);
}

TEST_CASE("at the root, parameters tell Hugging Face's requests from TEI's") {
  CHECK(body_of(reply(parse(kRoot, R"({"inputs": "a"})"), {kGood}))[0].is_object());
  CHECK(
      body_of(reply(parse(kRoot, R"({"inputs": "a", "parameters": {}})"), {kGood}))[0].is_array());
}

std::string kserve_body(const std::string& rest) {
  return R"({"inputs": [{"name": "text", "datatype": "BYTES", )" + rest + "}]}";
}

TEST_CASE("KServe: shapes and data") {
  CHECK(parse(kKserve, kserve_body(R"("shape": [2], "data": ["a", "b"])")).inputs.size() == 2);
  CHECK(parse(kKserve, kserve_body(R"("shape": [2, 1], "data": [["a"], ["b"]])")).inputs.size() ==
        2);
  const ClassifyRequest pairs =
      parse(kKserve, kserve_body(R"("shape": [1, 2], "data": ["a", "b"])"));
  CHECK(std::get<TextPair>(pairs.inputs.at(0)).second == "b");
  for (const char* rest :
       {R"("shape": [1])", R"("shape": [2], "data": ["a"])", R"("shape": [], "data": [])",
        R"("shape": [0], "data": [])", R"("shape": [1, 3], "data": ["a", "b", "c"])",
        R"("shape": [1], "data": [5])", R"("shape": [-1], "data": ["a"])"})
    CHECK(failure(kKserve, kserve_body(rest)).kind == FailureKind::kInvalid);
  CHECK(failure(kKserve, R"({"inputs": []})").kind == FailureKind::kInvalid);
}

TEST_CASE("KServe: answers as tensors, and the classification extension") {
  const ClassifyRequest request = parse(kKserve, kserve_body(R"("shape": [1], "data": ["a"])"));
  const Json body = body_of(reply(request, {kGood}));
  CHECK(body["outputs"][0]["name"] == "scores");
  CHECK(body["outputs"][0]["shape"] == Json({1, 3}));
  CHECK(body["outputs"][0]["data"] == Json({0.125, 0.25, 0.625}));
  CHECK(body["outputs"][1]["data"] == Json({"good"}));
  CHECK(body["outputs"][2]["data"] == Json({false}));
  const ClassifyRequest classes = parse(
      kKserve,
      R"({"id": "7", "inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["a"]}],
          "outputs": [{"name": "scores", "parameters": {"classification": 2}}],
          "parameters": {"timeout": 2000000}})");
  CHECK(classes.timeout == std::chrono::seconds(2));
  const Json classified = body_of(reply(classes, {kGood}));
  CHECK(classified["id"] == "7");
  CHECK(classified["outputs"][0]["shape"] == Json({1, 2}));
  CHECK(classified["outputs"][0]["data"] == Json({"0.625000:2:good", "0.250000:1:so-so"}));
}

TEST_CASE("KServe: binary tensors") {
  HttpRequest http;
  const std::string json =
      R"({"inputs": [{"name": "text", "datatype": "BYTES", "shape": [2],
          "parameters": {"binary_data_size": 11}}], "parameters": {"binary_data_output": true}})";
  http.fields.add("Inference-Header-Content-Length", std::to_string(json.size()));
  http.body = json + std::string("\1\0\0\0a\2\0\0\0bc", 11);
  const ClassifyRequest request = kKserve.parse(http, {});
  CHECK(text_of(request.inputs.at(1)) == "bc");
  const HttpResponse response = reply(request, {kGood, kBad});
  const std::size_t head = std::stoul(field(response, "Inference-Header-Content-Length"));
  const Json body = Json::parse(response.body.substr(0, head));
  CHECK(body["outputs"][0]["parameters"]["binary_data_size"] == 24);
  CHECK(body["outputs"][1]["parameters"]["binary_data_size"] == 15);
  const std::string binary = response.body.substr(head);
  CHECK(binary.size() == 24 + 15 + 2);
  CHECK(binary.substr(8, 4) == std::string("\0\0\x20\x3F", 4));  // 0.625
  CHECK(binary.substr(24, 8) == std::string("\4\0\0\0good", 8));
  http.body.pop_back();
  CHECK_THROWS_AS(kKserve.parse(http, {}), RequestError);
  http.body = json + std::string(
                         "\xFF\xFF\xFF\xFF"
                         "1234567",
                         11);
  CHECK_THROWS_AS(kKserve.parse(http, {}), RequestError);
}

}  // namespace
}  // namespace valence::serve
