#include "apps/cli/default_model.h"

#include <zlib.h>

#include <cstddef>
#include <span>

#include "data/ledger.h"
#include "format/gguf_model.h"
#include "valence/error.h"

// Made by default_model.S; begin and end are the same where there is no model.
extern "C" {
extern const std::byte valence_default_model_begin[];
extern const std::byte valence_default_model_end[];
}

namespace valence::cli {
namespace {

std::span<const std::byte> built_in() {
  const std::span<const std::byte> bytes(
      valence_default_model_begin,
      // NOLINTNEXTLINE(clang-analyzer-security.PointerSub): the assembler's labels at both ends
      static_cast<std::size_t>(valence_default_model_end - valence_default_model_begin));
  if (bytes.empty())
    throw Error(
        ErrorCode::kNotFound,
        "no model: this program was built without one; name one with --model PATH or in the "
        "environment variable VALENCE_MODEL; a text classifier from Hugging Face (the directory "
        "with config.json and model.safetensors), or a GGUF file made of one by valence convert");
  return bytes;
}

}  // namespace

Classifier load_classifier(const std::string& path, const LoadOptions& options) {
  return path.empty() ? Classifier::load_gguf(built_in(), kBuiltIn, options)
                      : Classifier::load(path, options);
}

ModelFile open_model(const std::string& path) {
  return path.empty() ? read_gguf_bytes(built_in(), kBuiltIn) : open_model_file(path);
}

Json identity_of_model(const std::string& path) {
  if (!path.empty()) return file_identity(path);
  const std::span<const std::byte> bytes = built_in();
  const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  return {kBuiltIn, bytes.size(), sum};
}

void need_named_model(const std::string& path) {
  if (path.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "name a model with --model: the built-in one cannot be changed; its file is in the "
                "folder models of the sources");
}

}  // namespace valence::cli
