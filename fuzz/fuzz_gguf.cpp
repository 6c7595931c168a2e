// Any bytes as a GGUF file and as a classifier in one: an Error, or tensors inside the bytes.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "format/gguf_model.h"
#include "valence/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    const valence::GgufFile file = valence::parse_gguf(bytes, "fuzz");
    for (const auto& [name, tensor] : file.tensors) {
      const bool inside = tensor.data.data() >= bytes.data() &&
                          tensor.data.data() + tensor.data.size() <= bytes.data() + bytes.size();
      const auto wanted = valence::bytes_of(tensor.type, tensor.count());
      if (!inside || static_cast<std::int64_t>(tensor.data.size()) != wanted) std::abort();
    }
    valence::gguf_to_model(file);
  } catch (const valence::Error&) {
  }
  return 0;
}
