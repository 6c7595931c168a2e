// KServe's v2 protocol with Triton's extensions: binary tensors, classification.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <map>

#include "base/utf8.h"
#include "serve/protocol/protocol.h"

namespace valence::serve {
namespace {

constexpr std::int64_t kMostElements = 1'000'000;
constexpr const char* kHeaderLength = "inference-header-content-length";

// The request's JSON, and the tensors that may follow it as bytes.
struct Parts {
  std::string_view json;
  std::string_view tensors;
};

Parts split_body(const HttpRequest& request) {
  const std::string_view length = request.fields.get(kHeaderLength);
  if (length.empty()) return {request.body, {}};
  std::size_t bytes = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bytes);
  if (error != std::errc() || end != length.data() + length.size() || bytes > request.body.size())
    throw RequestError(FailureKind::kBadRequest,
                       "Inference-Header-Content-Length is not a number of bytes of the body");
  const std::string_view body = request.body;
  return {body.substr(0, bytes), body.substr(bytes)};
}

void append_length(std::string& out, std::size_t length) {
  const auto value = static_cast<std::uint32_t>(length);
  for (unsigned shift = 0; shift < 32; shift += 8)
    out += static_cast<char>((value >> shift) & 0xFFU);
}

// Strings, each behind its length in four bytes, the lowest first.
std::vector<std::string> read_strings(std::string_view bytes, const std::string& path) {
  std::vector<std::string> strings;
  while (!bytes.empty()) {
    std::size_t length = bytes.size();  // of what cannot be: too long, unless four bytes say else
    if (bytes.size() >= 4) {
      length = 0;
      for (std::size_t i = 4; i-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes[i]);
      bytes.remove_prefix(4);
    }
    if (length > bytes.size())
      throw RequestError(
          FailureKind::kInvalid,
          path + ": the binary data end in the middle of string " + std::to_string(strings.size()),
          "inputs");
    strings.push_back(replace_invalid_utf8(bytes.substr(0, length)));
    bytes.remove_prefix(length);
  }
  return strings;
}

// "data" may be nested as the shape is.
void flatten(const JsonRef& data, std::vector<std::string>& out) {
  if (!data.is_array()) return out.push_back(data.string());
  for (std::size_t i = 0; i < data.size(); ++i) flatten(data.at(i), out);
}

std::vector<std::int64_t> read_shape(const JsonRef& tensor) {
  const JsonRef shape = tensor.at("shape");
  if (!shape.is_array() || shape.size() < 1 || shape.size() > 2)
    throw RequestError(FailureKind::kInvalid,
                       shape.path() + ": is [N] or [N, 1] for N texts, [N, 2] for N pairs",
                       "inputs");
  std::vector<std::int64_t> sizes;
  sizes.reserve(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i)
    sizes.push_back(whole_number(shape.at(i), 1, i == 0 ? kMostElements : 2));
  return sizes;
}

std::optional<std::size_t> binary_size(const JsonRef& tensor) {
  const auto parameters = tensor.find("parameters");
  if (!parameters || !parameters->has("binary_data_size")) return std::nullopt;
  return static_cast<std::size_t>(
      whole_number(parameters->at("binary_data_size"), 0, std::int64_t{1} << 40));
}

void read_input(const JsonRef& tensor, std::string_view tensors, ClassifyRequest& request) {
  if (tensor.at("datatype").string() != "BYTES")
    throw RequestError(FailureKind::kInvalid,
                       tensor.path() + "/datatype: texts are of the type \"BYTES\"", "inputs");
  const std::vector<std::int64_t> shape = read_shape(tensor);
  std::vector<std::string> strings;
  if (const auto size = binary_size(tensor)) {
    if (*size != tensors.size())
      throw RequestError(FailureKind::kInvalid,
                         tensor.path() + "/parameters/binary_data_size: says " +
                             std::to_string(*size) + " bytes, behind the JSON are " +
                             std::to_string(tensors.size()),
                         "inputs");
    strings = read_strings(tensors, tensor.path());
  } else {
    flatten(tensor.at("data"), strings);
  }
  const bool pairs = shape.size() == 2 && shape[1] == 2;
  const auto rows = static_cast<std::size_t>(shape[0]);
  if (strings.size() != rows * (pairs ? 2 : 1))
    throw RequestError(FailureKind::kInvalid,
                       tensor.path() + ": the shape asks for " +
                           std::to_string(rows * (pairs ? 2 : 1)) + " strings, there are " +
                           std::to_string(strings.size()),
                       "inputs");
  request.inputs.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i)
    if (pairs)
      request.inputs.emplace_back(
          TextPair{std::move(strings[2 * i]), std::move(strings[2 * i + 1])});
    else
      request.inputs.emplace_back(std::move(strings[i]));
}

constexpr auto kOutputs = std::to_array<std::string_view>({"scores", "label", "truncated"});

void read_outputs(const JsonRef& outputs, KserveWishes& wishes) {
  if (!outputs.is_array()) outputs.fail("expected a list");
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const JsonRef entry = outputs.at(i);
    KserveOutput output{entry.at("name").string(), 0, wishes.binary};
    if (std::find(kOutputs.begin(), kOutputs.end(), output.name) == kOutputs.end())
      throw RequestError(FailureKind::kInvalid,
                         entry.path() + "/name: is one of \"scores\", \"label\", \"truncated\"",
                         "outputs");
    if (const auto parameters = entry.find("parameters")) {
      output.binary = parameters->boolean_or("binary_data", wishes.binary);
      output.classes =
          static_cast<std::size_t>(read_limit(*parameters, "classification", 0, 1'000'000, 0));
    }
    wishes.outputs.push_back(std::move(output));
  }
}

// Strings are written as they are, in JSON or behind their lengths.
struct Tensor {
  std::string datatype;
  std::vector<std::size_t> shape;
  nlohmann::ordered_json data = nlohmann::ordered_json::array();

  std::string bytes() const {
    std::string out;
    for (const auto& value : data) {
      if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        append_length(out, text.size());
        out += text;
      } else if (value.is_boolean()) {
        out += value.get<bool>() ? '\1' : '\0';
      } else {
        const auto number = value.get<float>();
        std::uint32_t bits = 0;
        std::memcpy(&bits, &number, sizeof bits);
        append_length(out, bits);
      }
    }
    return out;
  }
};

// "0.998700:2:POSITIVE", the best first.
Tensor classification_of(const Outcome& outcome, std::size_t classes) {
  const std::size_t kept = std::min(classes, outcome.info.labels.size());
  Tensor tensor{"BYTES", {outcome.answers.size(), kept}, nlohmann::ordered_json::array()};
  for (const Classification& answer : outcome.answers)
    for (std::size_t i = 0; i < kept; ++i) {
      const LabelScore& entry = answer.scores[i];
      tensor.data.push_back(std::to_string(entry.score) + ":" + std::to_string(entry.id) + ":" +
                            std::string(entry.label));
    }
  return tensor;
}

Tensor tensor_of(const KserveOutput& output, const Outcome& outcome) {
  if (output.classes > 0) return classification_of(outcome, output.classes);
  Tensor tensor;
  tensor.shape = {outcome.answers.size()};
  if (output.name == "scores") {
    tensor.datatype = "FP32";
    tensor.shape.push_back(outcome.info.labels.size());
    for (const Classification& answer : outcome.answers) {
      std::vector<float> by_id(outcome.info.labels.size());
      for (const LabelScore& entry : answer.scores)
        by_id[static_cast<std::size_t>(entry.id)] = entry.score;
      for (const float score : by_id) tensor.data.push_back(score);
    }
    return tensor;
  }
  tensor.datatype = output.name == "label" ? "BYTES" : "BOOL";
  for (const Classification& answer : outcome.answers)
    if (output.name == "label")
      tensor.data.push_back(answer.scores.front().label);
    else
      tensor.data.push_back(answer.truncated);
  return tensor;
}

HttpResponse reply(const ClassifyRequest& request, const Outcome& outcome) {
  std::vector<KserveOutput> wanted = request.kserve.outputs;
  if (wanted.empty())
    for (const std::string_view name : kOutputs)
      wanted.push_back({std::string(name), 0, request.kserve.binary});
  auto outputs = nlohmann::ordered_json::array();
  std::string binary;
  for (const KserveOutput& output : wanted) {
    Tensor tensor = tensor_of(output, outcome);
    nlohmann::ordered_json entry{
        {"name", output.name}, {"datatype", tensor.datatype}, {"shape", tensor.shape}};
    if (output.binary) {
      const std::string bytes = tensor.bytes();
      entry["parameters"] = {{"binary_data_size", bytes.size()}};
      binary += bytes;
    } else {
      entry["data"] = std::move(tensor.data);
    }
    outputs.push_back(std::move(entry));
  }
  nlohmann::ordered_json body{{"model_name", outcome.model}, {"model_version", "1"}};
  if (!request.kserve.id.empty()) body["id"] = request.kserve.id;
  body["outputs"] = std::move(outputs);
  HttpResponse response = json_response(body);
  add_reading_fields(outcome, response);
  if (binary.empty()) return response;
  response.fields.add("Inference-Header-Content-Length", std::to_string(response.body.size()));
  response.content_type = "application/octet-stream";
  response.body += binary;
  return response;
}

ClassifyRequest parse(const HttpRequest& http, const ProtocolDefaults& defaults) {
  const Parts parts = split_body(http);
  const Json json = parse_body(parts.json);
  const JsonRef body(json, "body");
  if (!body.is_object()) body.fail("expected an object");
  static const Json kNone = Json::object();
  const JsonRef parameters = body.find("parameters").value_or(JsonRef(kNone, "body/parameters"));
  ClassifyRequest request;
  request.reply = reply;
  read_common(parameters, defaults, request);
  request.options.top_k = 0;  // tensors have a place for every label
  if (const std::int64_t limit = read_limit(parameters, "timeout", 0, INT64_MAX, 0); limit > 0)
    request.timeout = std::chrono::milliseconds(std::min<std::int64_t>(
        std::max<std::int64_t>(limit / 1000, 1), 1'000'000'000));  // Triton counts microseconds
  request.kserve.id = body.string_or("id", "");
  request.kserve.binary = parameters.boolean_or("binary_data_output", false);
  const JsonRef inputs = body.at("inputs");
  if (!inputs.is_array() || inputs.size() != 1)
    throw RequestError(FailureKind::kInvalid, "body/inputs: one input is expected, the texts",
                       "inputs");
  read_input(inputs.at(std::size_t{0}), parts.tensors, request);
  if (const auto outputs = body.find("outputs")) read_outputs(*outputs, request.kserve);
  return request;
}

}  // namespace

const Protocol kKserve{"kserve", parse, fail_plainly};

}  // namespace valence::serve
