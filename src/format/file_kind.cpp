#include "format/file_kind.h"

#include <array>
#include <string_view>

namespace valence {
namespace {

struct WrongKind {
  std::string_view start;
  std::string_view explanation;
};

constexpr std::string_view kPickle =
    "is a PyTorch checkpoint (a pickle, which can run code); load it with transformers and write "
    "the folder again with save_pretrained(folder, safe_serialization=True)";
constexpr std::string_view kWebPage =
    "is a web page, not the file itself; the download asked for the wrong address or for a login";

constexpr auto kWrongKinds = std::to_array<WrongKind>({
    {"version https://git-lfs",
     "is a Git LFS pointer, not the file itself; run git lfs pull in its folder"},
    {"<!DOCTYPE", kWebPage},
    {"<!doctype", kWebPage},
    {"<html", kWebPage},
    {"PK\x03\x04", kPickle},
    {"\x80\x02", kPickle},
    {"\x80\x04", kPickle},
    {"\x89HDF", "is an HDF5 file (Keras weights); write the model again with PyTorch weights"},
    {"ggml", "is in the old GGML format; convert the model's Hugging Face folder again"},
    {"ggjt", "is in the old GGML format; convert the model's Hugging Face folder again"},
    {"FUGG", "is no GGUF file, but its bytes may be swapped"},
});

}  // namespace

std::string explain_wrong_kind(std::span<const std::byte> bytes) {
  if (bytes.empty()) return "is empty";
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const WrongKind& kind : kWrongKinds)
    if (text.starts_with(kind.start)) return std::string(kind.explanation);
  return "";
}

}  // namespace valence
