#include "serve/models.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "valence/error.h"

namespace valence::serve {
namespace {

constexpr std::string_view kTrialText = "The first text that a model sees.";

bool is_name(std::string_view name) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
  return !name.empty() && name.size() <= 200 &&
         name.find_first_not_of(kLetters) == std::string_view::npos;
}

// A file may be well formed and still hold nonsense.
void try_out(const Steps& steps, const std::string& path) {
  const PreparedText text = steps.prepare(kTrialText, {});
  if (!text.error.empty()) throw Error(ErrorCode::kCorrupt, path + ": " + text.error);
  std::vector<float> logits(text.plan.windows.size() * steps.width());
  std::vector<Sequence> batch;
  batch.reserve(text.plan.windows.size());
  for (std::size_t i = 0; i < text.plan.windows.size(); ++i)
    batch.push_back({&text, i, &logits[i * steps.width()]});
  steps.run(batch, nullptr);
  if (!std::all_of(logits.begin(), logits.end(), [](float x) { return std::isfinite(x); }))
    throw Error(ErrorCode::kCorrupt,
                path + ": the model's answer to a trial text is no number; are its weights whole?");
}

}  // namespace

ModelPtr Models::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  if (name.empty()) return models_.empty() ? nullptr : models_.front();
  for (const ModelPtr& model : models_)
    if (model->name == name) return model;
  return nullptr;
}

std::vector<ModelPtr> Models::all() const {
  const std::lock_guard lock(mutex_);
  return models_;
}

ModelPtr Models::make(const ModelSpec& spec) {
  if (!is_name(spec.name))
    throw Error(ErrorCode::kInvalidArgument,
                "a model's name is 1 to 200 of the characters a-z, A-Z, 0-9, \".\", \"_\", \"-\" "
                "and \"/\"");
  auto model = std::make_shared<const Model>(spec.name, spec.path, ++generations_, open_(spec.path),
                                             options_);
  try_out(model->steps, model->steps.info().path);
  return model;
}

ModelPtr Models::load(const ModelSpec& spec) {
  const std::lock_guard loading(loading_);
  ModelPtr model = make(spec);
  const std::lock_guard lock(mutex_);
  for (ModelPtr& old : models_)
    if (old->name == spec.name) return old = model;
  models_.push_back(model);
  return model;
}

bool Models::drop(std::string_view name) {
  const std::lock_guard loading(loading_);
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(models_.begin(), models_.end(),
                                  [&](const ModelPtr& model) { return model->name == name; });
  if (found == models_.end()) return false;
  if (models_.size() == 1)
    throw Error(ErrorCode::kInvalidArgument, "the last model cannot be dropped");
  models_.erase(found);
  return true;
}

void Models::replace_all(const std::vector<ModelSpec>& specs, bool again) {
  const std::lock_guard loading(loading_);
  std::vector<ModelPtr> fresh;
  fresh.reserve(specs.size());
  for (const ModelSpec& spec : specs) {
    for (const ModelPtr& other : fresh)
      if (other->name == spec.name)
        throw Error(ErrorCode::kInvalidArgument, "two models have the name \"" + spec.name + "\"");
    ModelPtr model = again ? nullptr : find(spec.name);
    fresh.push_back(model && model->path == spec.path ? std::move(model) : make(spec));
  }
  const std::lock_guard lock(mutex_);
  models_ = std::move(fresh);
}

ModelSpec parse_model_spec(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string::npos) return {text.substr(0, equals), text.substr(equals + 1)};
  std::filesystem::path path(text);
  if (!path.has_filename()) path = path.parent_path();
  return {path.extension() == ".gguf" ? path.stem().string() : path.filename().string(), text};
}

}  // namespace valence::serve
