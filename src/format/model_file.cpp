#include "format/model_file.h"

#include <array>
#include <utility>

#include "format/file_kind.h"
#include "format/gguf_model.h"
#include "format/hf_directory.h"
#include "valence/error.h"

namespace valence {
namespace {

struct Format {
  const char* name;
  bool (*recognises)(const std::filesystem::path& path);
  ModelFile (*read)(const std::filesystem::path& path);
};

constexpr auto kFormats = std::to_array<Format>({
    {"GGUF", is_gguf, read_gguf},
    {"Hugging Face directory", is_hf_directory, read_hf_directory},
});

[[noreturn]] void refuse(const std::filesystem::path& path) {
  std::string what = explain_wrong_kind(MappedFile(path).bytes());
  if (what.empty() && path.extension() == ".onnx")
    what = "is an ONNX model; give the Hugging Face folder that it was exported from";
  if (what.empty()) what = "is of no known kind";
  std::string known;
  for (const Format& format : kFormats)
    known += (known.empty() ? "" : ", ") + std::string(format.name);
  throw Error(ErrorCode::kUnsupported, path.string() + ": " + what + " (read are: " + known + ")");
}

ModelFile read_with_table(const std::filesystem::path& path) {
  for (const Format& format : kFormats) {
    if (!format.recognises(path)) continue;
    ModelFile model = format.read(path);
    model.format = format.name;
    return model;
  }
  refuse(path);
}

}  // namespace

ModelFile open_model_file(const std::filesystem::path& path) {
  try {
    if (!std::filesystem::exists(path))
      throw Error(ErrorCode::kNotFound, path.string() + ": there is no such file or folder");
    return read_with_table(path);
  } catch (const std::filesystem::filesystem_error& error) {
    throw Error(ErrorCode::kIo, path.string() + ": cannot be read: " + error.code().message());
  }
}

}  // namespace valence
