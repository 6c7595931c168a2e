// All routes.
#include "serve/classify.h"
#include "serve/routes/routes.h"

namespace valence::serve {

std::vector<Route> routes() {
  using enum Access;
  return {
      {"GET", "/", kOpen, &kTei, handle_front, nullptr},
      {"GET", "/health", kOpen, &kTei, handle_health, nullptr},
      {"GET", "/ping", kOpen, &kTei, handle_health, nullptr},
      {"GET", "/openapi.json", kOpen, &kTei, handle_openapi, nullptr},
      {"GET", "/metrics", kKey, &kTei, handle_metrics, nullptr},
      {"GET", "/version", kKey, &kTei, handle_version, nullptr},

      // text-embeddings-inference
      {"POST", "/", kKey, &kRoot, handle_classify, nullptr},
      {"POST", "/predict", kKey, &kTei, handle_classify, nullptr},
      {"POST", "/invocations", kKey, &kTei, handle_classify, nullptr},
      {"POST", "/tokenize", kKey, &kTei, handle_tokenize, nullptr},
      {"GET", "/info", kKey, &kTei, handle_info, nullptr},

      // vLLM and Infinity
      {"POST", "/classify", kKey, &kOpenAi, handle_classify, nullptr},
      {"GET", "/v1/models", kKey, &kOpenAi, handle_model_list, nullptr},
      {"GET", "/models", kKey, &kOpenAi, handle_model_list, nullptr},

      // Hugging Face
      {"POST", "/models/{model}", kKey, &kHuggingFace, handle_classify, nullptr},

      // KServe
      {"GET", "/v2", kKey, &kKserve, handle_v2_server, nullptr},
      {"GET", "/v2/health/live", kOpen, &kKserve, handle_live, nullptr},
      {"GET", "/v2/health/ready", kOpen, &kKserve, handle_health, nullptr},
      {"POST", "/v2/repository/index", kKey, &kKserve, handle_v2_index, nullptr},
      {"POST", "/v2/models/{model}/infer", kKey, &kKserve, handle_classify, nullptr},
      {"POST", "/v2/models/{model}/versions/1/infer", kKey, &kKserve, handle_classify, nullptr},
      {"GET", "/v2/models/{model}/ready", kKey, &kKserve, handle_v2_model_ready, nullptr},
      {"GET", "/v2/models/{model}/versions/1/ready", kKey, &kKserve, handle_v2_model_ready,
       nullptr},
      {"GET", "/v2/models/{model}/config", kKey, &kKserve, handle_v2_config, nullptr},
      {"GET", "/v2/models/{model}/versions/1", kKey, &kKserve, handle_v2_model, nullptr},
      {"GET", "/v2/models/{model}", kKey, &kKserve, handle_v2_model, nullptr},

      // our own
      {"POST", "/batch", kKey, &kTei, nullptr, stream_bulk},
      {"GET", "/ui/setup", kKey, &kTei, handle_ui_setup, nullptr},
      {"POST", "/ui/explain", kKey, &kTei, handle_explain, nullptr},
      {"POST", "/ui/trends", kKey, &kTei, nullptr, stream_trends},
      {"GET", "/ui/live", kKey, &kTei, handle_live_state, nullptr},
      {"GET", "/ui/live/rows", kKey, &kTei, handle_live_rows, nullptr},
      {"GET", "/ui/live/trends", kKey, &kTei, handle_live_trends, nullptr},
      {"GET", "/ui/live/export", kKey, &kTei, nullptr, stream_live_export},
      {"GET", "/ui/{file}", kOpen, &kTei, handle_ui_file, nullptr},
      {"GET", "/admin/models", kAdmin, &kTei, handle_admin_list, nullptr},
      {"POST", "/admin/models", kAdmin, &kTei, handle_admin_load, nullptr},
      {"DELETE", "/admin/models/{model}", kAdmin, &kTei, handle_admin_drop, nullptr},
  };
}

}  // namespace valence::serve
