#include "apps/cli/default_model.h"

#include "valence/error.h"

namespace valence::cli {

std::filesystem::path default_model_path() {
  throw Error(
      ErrorCode::kNotFound,
      "no model: name one with --model PATH or in the environment variable VALENCE_MODEL; a "
      "text classifier from Hugging Face (the directory with config.json and "
      "model.safetensors), or a GGUF file made of one by valence convert");
}

}  // namespace valence::cli
