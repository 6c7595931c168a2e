// The safetensors format: u64 header length, JSON header, tensor bytes.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/tensor.h"

namespace valence {

struct Safetensors {
  std::map<std::string, Tensor, std::less<>> tensors;  // F32, F16 and BF16
  std::set<std::string, std::less<>> left_out;         // names of the tensors of other types
  std::vector<std::string> notes;                      // one for each type of number left out
};

// The tensors borrow from `bytes`. `origin` is the file's name, for messages. Throws
// Error(kCorrupt).
Safetensors parse_safetensors(std::span<const std::byte> bytes, std::string_view origin);

}  // namespace valence
