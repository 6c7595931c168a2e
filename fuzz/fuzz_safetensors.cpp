// Any bytes as a safetensors file: an Error, or tensors that lie inside the bytes and have the size
// that type and shape ask for.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "format/safetensors.h"
#include "valence/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    const valence::Safetensors parsed = valence::parse_safetensors(bytes, "fuzz");
    for (const auto& [name, tensor] : parsed.tensors) {
      const bool inside = tensor.data.data() >= bytes.data() &&
                          tensor.data.data() + tensor.data.size() <= bytes.data() + bytes.size();
      const auto wanted = valence::bytes_of(tensor.type, tensor.count());
      if (!inside || static_cast<std::int64_t>(tensor.data.size()) != wanted) std::abort();
    }
  } catch (const valence::Error&) {
  }
  return 0;
}
