// What training starts from.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "format/model_file.h"
#include "model/architecture.h"

namespace valence::train {

// A model file whose tensors and config are those of a classifier; the head may be missing.
struct BaseModel {
  ModelFile file;
  const Architecture* architecture = nullptr;
  PostNormConfig shape;
};

// Opens a classifier, or an encoder without a head ("BertModel", "BertForMaskedLM", ...), whose
// tensors are then renamed to the classifier's. Throws Error: what open_model_file throws, and
// kUnsupported for a model that cannot be trained.
BaseModel open_base_model(const std::filesystem::path& path);

// The classes that the config names, in the order of their ids; empty where it names none.
std::vector<std::string> labels_of_config(const Json& config);

// Writes classes and problem_type ("single_label_classification", ...) into the config; what was
// calibrated for other weights is dropped.
void set_labels(Json& config, const std::vector<std::string>& labels,
                const std::string& problem_type);

}  // namespace valence::train
