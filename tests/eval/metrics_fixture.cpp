#include "eval/metrics_fixture.h"

#include "base/mapped_file.h"

namespace valence {

const Json& metrics_fixture() {
  static const Json kFixture =
      parse_json(MappedFile(VALENCE_FIXTURES "/metrics.json").text(), "metrics.json");
  return kFixture;
}

}  // namespace valence
