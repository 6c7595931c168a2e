// The models that are served, and how they change while the server runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/steps.h"

namespace valence::serve {

// A loaded model under its name. Requests hold it as long as they need it: one that was replaced or
// dropped lives until the last of them is answered.
struct Model {
  Model(std::string model_name, std::string model_path, std::uint64_t number, const ModelFile& file,
        const LoadOptions& options)
      : name(std::move(model_name)),
        path(std::move(model_path)),
        generation(number),
        steps(file, options) {}

  const std::string name;
  const std::string path;          // as it was given; empty: the built-in model
  const std::uint64_t generation;  // no two loads have the same
  const std::chrono::system_clock::time_point loaded_at = std::chrono::system_clock::now();
  const Steps steps;
};
using ModelPtr = std::shared_ptr<const Model>;

struct ModelSpec {
  std::string name;
  std::string path;
};

// Thread-safe: readers never wait for a load.
class Models {
 public:
  // Opens a model file; empty: the built-in model.
  using Open = std::function<ModelFile(const std::string& path)>;
  Models(Open open, LoadOptions options) : open_(std::move(open)), options_(std::move(options)) {}

  // The model of that name; of an empty name the first one. Null where there is none.
  ModelPtr find(std::string_view name) const;
  std::vector<ModelPtr> all() const;  // the first one is the default

  // Loads a model and gives it a text; only where both went well it takes its place, in that of an
  // older one of the same name. Takes as long as loading takes. Throws as Classifier::load does,
  // and Error(kCorrupt) where the model's answer is no number.
  ModelPtr load(const ModelSpec& spec);

  // False where there is no such model. Throws Error(kInvalidArgument) for the last one.
  bool drop(std::string_view name);

  // What is served becomes `specs`, in this order: new names and paths are loaded, others dropped.
  // With `again`, models are loaded even where their name and path stayed the same. Where one
  // cannot be loaded nothing changes, and its Error is thrown.
  void replace_all(const std::vector<ModelSpec>& specs, bool again);

 private:
  ModelPtr make(const ModelSpec& spec);

  const Open open_;
  const LoadOptions options_;
  std::mutex loading_;  // held while models are loaded; taken before mutex_
  std::uint64_t generations_ = 0;
  mutable std::mutex mutex_;
  std::vector<ModelPtr> models_;
};

// "name=path", or "path" alone, whose file's or folder's name is the model's.
ModelSpec parse_model_spec(const std::string& text);

}  // namespace valence::serve
