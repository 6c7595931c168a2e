#include "format/safetensors_writer.h"

#include <array>
#include <cstdint>

#include "base/atomic_file.h"
#include "base/json.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::size_t kAlignment = 8;  // of the first tensor's bytes

std::string header_of(const std::map<std::string, Tensor, std::less<>>& tensors) {
  Json header;
  header["__metadata__"] = {{"format", "pt"}};  // transformers refuses a file without it
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    if (tensor.type == DType::kQ8_0)
      throw Error(ErrorCode::kInvalidArgument,
                  "the tensor " + name + ": safetensors has no type Q8_0; decode it first");
    header[name] = {{"dtype", name_of(tensor.type)},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, offset + tensor.data.size()}}};
    offset += tensor.data.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  return text;
}

std::array<char, 8> little_endian(std::uint64_t value) {
  std::array<char, 8> bytes{};
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xff);
    value >>= 8;
  }
  return bytes;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, Tensor, std::less<>>& tensors) {
  const std::string header = header_of(tensors);
  const std::array<char, 8> length = little_endian(header.size());
  AtomicFile file(path);
  file.write(std::string_view(length.data(), length.size()));
  file.write(header);
  for (const auto& [name, tensor] : tensors) file.write(tensor.data);
  file.commit();
}

}  // namespace valence
