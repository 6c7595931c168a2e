// Small models of random weights for tests of the server.
#pragma once

#include <string>

#include "format/model_file.h"
#include "serve/models.h"

namespace valence::serve {

inline std::string fixture(const std::string& name) {
  return std::string(VALENCE_FIXTURES) + "/models/" + name;
}

inline ModelFile open_fixture(const std::string& path) {
  return open_model_file(path);
}

}  // namespace valence::serve
