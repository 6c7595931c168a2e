// KServe v2 beside inference: the server, its models, their tensors.
#include "serve/routes/routes.h"

namespace valence::serve {
namespace {

using OrderedJson = nlohmann::ordered_json;

}  // namespace

void handle_v2_server(Api& /*api*/, const CallPtr& call) {
  call->answer(json_response(
      {{"name", "valence"},
       {"version", VALENCE_VERSION},
       {"extensions",
        {"classification", "binary_tensor_data", "model_repository", "model_configuration"}}}));
}

void handle_v2_model(Api& api, const CallPtr& call) {
  const ModelPtr model = need_model(api, call->model);
  const std::size_t labels = model->steps.width();
  const OrderedJson input{{"name", "text"}, {"datatype", "BYTES"}, {"shape", {-1}}};
  const OrderedJson scores{
      {"name", "scores"}, {"datatype", "FP32"}, {"shape", {-1, static_cast<int>(labels)}}};
  const OrderedJson label{{"name", "label"}, {"datatype", "BYTES"}, {"shape", {-1}}};
  const OrderedJson truncated{{"name", "truncated"}, {"datatype", "BOOL"}, {"shape", {-1}}};
  call->answer(json_response({{"name", model->name},
                              {"versions", {"1"}},
                              {"platform", "valence"},
                              {"inputs", OrderedJson::array({input})},
                              {"outputs", OrderedJson::array({scores, label, truncated})}}));
}

void handle_v2_config(Api& api, const CallPtr& call) {
  const ModelPtr model = need_model(api, call->model);
  const OrderedJson input{{"name", "text"}, {"data_type", "TYPE_STRING"}, {"dims", {-1}}};
  const OrderedJson scores{{"name", "scores"},
                           {"data_type", "TYPE_FP32"},
                           {"dims", {-1, static_cast<int>(model->steps.width())}}};
  call->answer(json_response({{"name", model->name},
                              {"platform", "valence"},
                              {"backend", "valence"},
                              {"max_batch_size", 0},
                              {"input", OrderedJson::array({input})},
                              {"output", OrderedJson::array({scores})}}));
}

void handle_v2_model_ready(Api& api, const CallPtr& call) {
  if (api.draining()) throw RequestError(FailureKind::kUnavailable, "the server is ending");
  const ModelPtr model = need_model(api, call->model);
  call->answer(json_response({{"name", model->name}, {"ready", true}}));
}

void handle_v2_index(Api& api, const CallPtr& call) {
  OrderedJson list = OrderedJson::array();
  for (const ModelPtr& model : api.models().all())
    list.push_back({{"name", model->name}, {"version", "1"}, {"state", "READY"}, {"reason", ""}});
  call->answer(json_response(list));
}

}  // namespace valence::serve
