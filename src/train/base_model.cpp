#include "train/base_model.h"

#include <map>
#include <string_view>
#include <utility>

#include "valence/error.h"

namespace valence::train {
namespace {

// "bert." of "bert.embeddings.word_embeddings": what an encoder's own class leaves out.
std::string prefix_of(const Architecture& architecture) {
  const std::string_view name = architecture.model_names.front().hugging_face;
  return std::string(name.substr(0, name.find('.') + 1));
}

void restore_prefix(const Architecture& architecture, ModelFile& file) {
  const std::string prefix = prefix_of(architecture);
  for (const auto& [name, tensor] : file.tensors)
    if (name.starts_with(prefix)) return;
  std::map<std::string, Tensor, std::less<>> renamed;
  for (auto& [name, tensor] : file.tensors) renamed.emplace(prefix + name, std::move(tensor));
  file.tensors = std::move(renamed);
}

// An encoder is looked up by its model_type, as if it were the classifier.
const Architecture& classifier_of(ModelFile& file) {
  const Json classes = std::exchange(file.config["architectures"], Json::array());
  const bool classifier = classes.is_array() && !classes.empty() && classes[0].is_string() &&
                          classes[0].get<std::string>().ends_with("ForSequenceClassification");
  if (classifier) file.config["architectures"] = classes;
  const Architecture& architecture = find_architecture(file);
  file.config["architectures"] = {architecture.class_name};
  return architecture;
}

}  // namespace

BaseModel open_base_model(const std::filesystem::path& path) {
  BaseModel base;
  base.file = open_model_file(path);
  base.architecture = &classifier_of(base.file);
  if (base.architecture->post_norm == nullptr)
    throw Error(ErrorCode::kUnsupported, path.string() + ": models of type " +
                                             std::string(base.architecture->model_type) +
                                             " can be used, but not trained");
  base.shape = base.architecture->post_norm(config_of(base.file));
  if (base.file.naming == TensorNaming::kHuggingFace) restore_prefix(*base.architecture, base.file);
  return base;
}

std::vector<std::string> labels_of_config(const Json& config) {
  std::vector<std::string> labels;
  if (!config.contains("id2label") || !config["id2label"].is_object()) return labels;
  const Json& names = config["id2label"];
  for (std::size_t id = 0; id < names.size(); ++id) {
    const auto found = names.find(std::to_string(id));
    if (found == names.end() || !found->is_string()) return {};
    labels.push_back(found->get<std::string>());
  }
  return labels;
}

void set_labels(Json& config, const std::vector<std::string>& labels,
                const std::string& problem_type) {
  Json names = Json::object();
  Json ids = Json::object();
  for (std::size_t id = 0; id < labels.size(); ++id) {
    names[std::to_string(id)] = labels[id];
    ids[labels[id]] = id;
  }
  config["id2label"] = std::move(names);
  config["label2id"] = std::move(ids);
  config["problem_type"] = problem_type;
  config.erase("num_labels");
  config.erase("valence_calibration");
}

}  // namespace valence::train
