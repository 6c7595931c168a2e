// The description of the routes that is served at /openapi.json (OpenAPI 3.1).
#pragma once

#include <string>

namespace valence::serve {

// The text of openapi.json beside this file.
std::string openapi_document();

}  // namespace valence::serve
