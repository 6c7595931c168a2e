// What the server is, how it is, and which models it has.
#include <chrono>

#include "serve/routes/openapi.h"
#include "serve/routes/routes.h"

namespace valence::serve {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::int64_t unix_time(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// What the layers of `model` are computed in.
const char* dtype_of(Precision precision, const ModelInfo& model) {
  switch (precision) {
    case Precision::kInt8:
      return "int8";
    case Precision::kBf16:
      return "bfloat16";
    case Precision::kFp32:
      return "float32";
    case Precision::kAuto:
      break;
  }
  return model.weight_types.starts_with("Q8_0") ? "int8" : "float32";
}

std::size_t batch_tokens_of(const ServeOptions& options, const Model& model) {
  const std::size_t chosen = options.scheduler.batch_tokens;
  return chosen == 0 ? model.steps.batch_tokens() : chosen;
}

}  // namespace

ModelPtr need_model(Api& api, const std::string& name) {
  ModelPtr model = api.models().find(name);
  if (!model)
    throw RequestError(FailureKind::kUnknownModel,
                       "there is no model of that name; GET /v1/models lists those that there are",
                       "model");
  return model;
}

void handle_health(Api& api, const CallPtr& call) {
  if (api.draining()) throw RequestError(FailureKind::kUnavailable, "the server is ending");
  if (!api.models().find("")) throw RequestError(FailureKind::kUnavailable, "no model is loaded");
  call->answer(json_response({{"status", "ok"}}));
}

void handle_live(Api& /*api*/, const CallPtr& call) {
  call->answer(json_response({{"live", true}}));
}

void handle_info(Api& api, const CallPtr& call) {
  const ModelPtr model = need_model(api, "");
  const ModelInfo& info = model->steps.info();
  const ServeOptions& options = api.options();
  OrderedJson id2label = OrderedJson::object();
  OrderedJson label2id = OrderedJson::object();
  for (std::size_t id = 0; id < info.labels.size(); ++id) {
    id2label[std::to_string(id)] = info.labels[id];
    label2id[info.labels[id]] = id;
  }
  const OrderedJson classifier{{"id2label", std::move(id2label)},
                               {"label2id", std::move(label2id)}};
  call->answer(json_response({{"model_id", model->name},
                              {"model_sha", nullptr},
                              {"model_dtype", dtype_of(options.engine.precision, info)},
                              {"model_type", {{"classifier", classifier}}},
                              {"max_concurrent_requests", options.scheduler.queue_texts},
                              {"max_input_length", info.window},
                              {"max_batch_tokens", batch_tokens_of(options, *model)},
                              {"max_batch_requests", nullptr},
                              {"max_client_batch_size", options.limits.texts},
                              {"auto_truncate", options.defaults.long_text == LongText::kTruncate},
                              {"tokenization_workers", options.listen.threads},
                              {"version", VALENCE_VERSION},
                              {"sha", nullptr},
                              {"docker_label", nullptr},
                              {"architecture", info.architecture},
                              {"problem_type", info.problem_type}}));
}

void handle_model_list(Api& api, const CallPtr& call) {
  OrderedJson data = OrderedJson::array();
  for (const ModelPtr& model : api.models().all())
    data.push_back({{"id", model->name},
                    {"object", "model"},
                    {"created", unix_time(model->loaded_at)},
                    {"owned_by", "valence"},
                    {"root", model->name},
                    {"parent", nullptr},
                    {"max_model_len", model->steps.info().window},
                    {"backend", "valence"},
                    {"capabilities", {"classify"}},
                    {"labels", model->steps.info().labels}});
  call->answer(json_response({{"object", "list"}, {"data", std::move(data)}}));
}

void handle_version(Api& /*api*/, const CallPtr& call) {
  call->answer(json_response({{"version", VALENCE_VERSION}}));
}

void handle_metrics(Api& api, const CallPtr& call) {
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = api.metrics().text();
  call->answer(std::move(response));
}

void handle_openapi(Api& /*api*/, const CallPtr& call) {
  HttpResponse response;
  response.body = openapi_document();
  call->answer(std::move(response));
}

}  // namespace valence::serve
