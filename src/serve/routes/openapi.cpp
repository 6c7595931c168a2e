#include "serve/routes/openapi.h"

// Made by openapi.S.
extern "C" {
extern const char valence_openapi_begin[];
extern const char valence_openapi_end[];
}

namespace valence::serve {

std::string openapi_document() {
  return {valence_openapi_begin, valence_openapi_end};
}

}  // namespace valence::serve
