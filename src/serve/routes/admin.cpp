// Models come and go while the server runs.
#include <filesystem>

#include "serve/routes/routes.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

namespace fs = std::filesystem;

nlohmann::ordered_json describe(const Model& model) {
  const ModelInfo& info = model.steps.info();
  return {{"name", model.name},
          {"path", info.path},
          {"format", info.format},
          {"architecture", info.architecture},
          {"labels", info.labels},
          {"window", info.window},
          {"parameters", info.parameters},
          {"weight_types", info.weight_types}};
}

nlohmann::ordered_json describe_all(Api& api) {
  auto list = nlohmann::ordered_json::array();
  for (const ModelPtr& model : api.models().all()) list.push_back(describe(*model));
  return {{"models", std::move(list)}};
}

// Nothing outside of the folder that was set apart for models, by whatever links and dots.
void check_root(const fs::path& root, const fs::path& path) {
  if (root.empty()) return;
  const fs::path folder = fs::weakly_canonical(root);
  const fs::path relative = fs::weakly_canonical(path).lexically_relative(folder);
  if (relative.empty() || *relative.begin() == "..")
    throw RequestError(FailureKind::kForbidden,
                       "models are taken from below the folder of --model-root only", "path");
}

HttpResponse load(Api& api, const Call& call) {
  const Json json = parse_body(call.http.body);
  const JsonRef body(json, "body");
  const ModelSpec spec{body.at("name").string(), body.at("path").string()};
  if (spec.path.empty()) throw RequestError(FailureKind::kInvalid, "body/path: is empty", "path");
  check_root(api.options().model_root, spec.path);
  const bool fresh = api.models().find(spec.name) == nullptr;
  return json_response(describe(*api.models().load(spec)), fresh ? 201 : 200);
}

}  // namespace

void handle_admin_list(Api& api, const CallPtr& call) {
  call->answer(json_response(describe_all(api)));
}

// Loading takes seconds, on a thread of its own; meanwhile the old model serves.
void handle_admin_load(Api& api, const CallPtr& call) {
  api.loader().post([&api, call] {
    HttpResponse response;
    try {
      response = load(api, *call);
    } catch (...) {
      return call->fail(failure_of(std::current_exception()));
    }
    call->answer(std::move(response));
  });
}

void handle_admin_drop(Api& api, const CallPtr& call) {
  api.loader().post([&api, call] {
    try {
      if (!api.models().drop(call->model))
        throw RequestError(FailureKind::kUnknownModel, "there is no model of that name", "model");
    } catch (const Error& error) {
      return call->fail({FailureKind::kConflict, error.what(), {}});
    } catch (...) {
      return call->fail(failure_of(std::current_exception()));
    }
    call->answer(json_response(describe_all(api)));
  });
}

}  // namespace valence::serve
