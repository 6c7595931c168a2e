#include "apps/cli/trends_input.h"
#include "valence/error.h"

namespace valence::cli {

std::unique_ptr<TrendsInput> label_trends_input(const TrendsSettings&, const WorthMap&) {
  throw Error(ErrorCode::kUnsupported, "not yet");
}

}  // namespace valence::cli
