// The dashboard: its page at "/", its files, and what it has to know first.
#include "serve/routes/routes.h"
#include "web/pages.h"

namespace valence::serve {
namespace {

using OrderedJson = nlohmann::ordered_json;

// The page runs its own files alone and speaks with this server alone.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

HttpResponse page_response(const web::Page& page) {
  HttpResponse response;
  response.content_type = page.media_type;
  response.body = page.bytes;
  response.fields.add("X-Content-Type-Options", "nosniff");
  response.fields.add("Referrer-Policy", "no-referrer");
  response.fields.add("Content-Security-Policy", kPolicy);
  return response;
}

bool wants_page(const HttpRequest& http) {
  return http.fields.get("accept").find("text/html") != std::string_view::npos;
}

}  // namespace

void handle_front(Api& /*api*/, const CallPtr& call) {
  const bool page = wants_page(call->http);
  HttpResponse response = page ? page_response(web::find_page("dashboard.html"))
                               : json_response({{"name", "valence"},
                                                {"version", VALENCE_VERSION},
                                                {"documentation", "/openapi.json"},
                                                {"health", "/health"},
                                                {"models", "/v1/models"},
                                                {"metrics", "/metrics"}});
  response.fields.add("Vary", "Accept");
  if (page) response.fields.add("Cache-Control", "no-cache");
  call->answer(std::move(response));
}

// Names carry a hash of what is in the files: they are kept for ever.
void handle_ui_file(Api& /*api*/, const CallPtr& call) {
  const web::Page page = web::find_page("ui/" + call->model);
  if (page.bytes.data() == nullptr)
    throw RequestError(FailureKind::kNoRoute, "there is no such file of the dashboard");
  HttpResponse response = page_response(page);
  response.fields.add("Cache-Control", "public, max-age=31536000, immutable");
  call->answer(std::move(response));
}

void handle_ui_setup(Api& api, const CallPtr& call) {
  OrderedJson models = OrderedJson::array();
  for (const ModelPtr& model : api.models().all())
    models.push_back({{"name", model->name},
                      {"labels", model->steps.info().labels},
                      {"window", model->steps.info().window}});
  const ResultRecorder* recorder = api.recorder();
  call->answer(json_response({{"version", VALENCE_VERSION},
                              {"models", std::move(models)},
                              {"store", recorder != nullptr},
                              {"store_texts", recorder != nullptr && recorder->options().texts}}));
}

}  // namespace valence::serve
