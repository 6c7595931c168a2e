#include "backend/backend.h"

#include <array>

#include "backend/cpu/cpu_backend.h"
#include "backend/reference/reference_backend.h"
#include "valence/error.h"

namespace valence {
namespace {

struct BackendEntry {
  std::string_view name;
  std::unique_ptr<Backend> (*make)(Precision precision);
};

constexpr std::array<BackendEntry, 2> kBackends{{
    {"cpu", make_cpu_backend},
    {"reference", make_reference_backend},
}};

}  // namespace

std::unique_ptr<Backend> make_backend(std::string_view name, Precision precision) {
  std::string known;
  for (const BackendEntry& entry : kBackends) {
    if (entry.name == name) return entry.make(precision);
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error(ErrorCode::kInvalidArgument,
              "there is no backend \"" + std::string(name) + "\"; this build has: " + known);
}

}  // namespace valence
