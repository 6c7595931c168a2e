// The model that is meant when none is named: the one that is built into the program.
#pragma once

#include <string>

#include "base/json.h"
#include "format/model_file.h"
#include "valence/classifier.h"

namespace valence::cli {

inline constexpr const char* kBuiltIn = "the built-in model";

// `path` is what the user named; empty: the built-in model. Throw Error; kNotFound says how to get
// a model where none is named and the program was built without one.
Classifier load_classifier(const std::string& path, const LoadOptions& options = {});
ModelFile open_model(const std::string& path);

// Changes whenever the model does.
Json identity_of_model(const std::string& path);

// For commands that write beside or into the model: it must be a file. Throws
// Error(kInvalidArgument).
void need_named_model(const std::string& path);

}  // namespace valence::cli
