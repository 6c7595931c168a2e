// A tensor as it lies in a model file: type, shape and borrowed bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace valence {

enum class DType { kF32, kF16, kBF16, kQ8_0 };

// Q8_0: 32 weights share one scale (an F16 in front of 32 signed bytes), 34 bytes a block; weight =
// scale * byte.
inline constexpr std::int64_t kQ8Block = 32;
inline constexpr std::int64_t kQ8BlockBytes = 34;

std::string_view name_of(DType type);

// Bytes of `count` consecutive elements; for Q8_0 `count` must be a multiple of 32 (checked by the
// readers).
std::int64_t bytes_of(DType type, std::int64_t count);

// Row-major; shape is outermost first, as PyTorch and safetensors write it (GGUF's order is the
// reverse). The readers have checked that `data` holds exactly the bytes that type and shape ask
// for. Data may be unaligned. The bytes belong to the file object that the tensor came from.
struct Tensor {
  DType type = DType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> data;
  // Of a matrix: its outlier channels (model/outliers.h), where they are known. Columns, each as
  // often as it is to be copied; the readers have checked that they are there.
  // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns of lists that leave it out
  std::vector<std::int32_t> outliers = {};

  std::int64_t count() const;  // product of the shape
};

std::string shape_text(std::span<const std::int64_t> shape);  // "[384, 1536]"

}  // namespace valence
