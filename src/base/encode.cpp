#include "base/encode.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/half.h"
#include "valence/error.h"

namespace valence {
namespace {

void encode_halves(std::span<const float> values, std::byte* out, std::uint16_t (*encode)(float)) {
  for (const float value : values) {
    const std::uint16_t bits = encode(value);
    std::memcpy(out, &bits, sizeof bits);
    out += sizeof bits;
  }
}

// A block of bytes round(value * inverse) behind the scale that they stand for.
void write_q8_block(const float* values, float scale, float inverse, std::byte* out) {
  const std::uint16_t scale_bits = float_to_f16(scale);
  std::memcpy(out, &scale_bits, sizeof scale_bits);
  for (std::int64_t i = 0; i < kQ8Block; ++i) {
    // The inverse of a subnormal scale overflows; no weight is that small in earnest.
    const float quotient = std::clamp(std::round(values[i] * inverse), -127.0F, 127.0F);
    out[2 + i] = static_cast<std::byte>(static_cast<std::int8_t>(quotient));
  }
}

void encode_q8_block(const float* values, std::byte* out) {
  float largest = 0;
  bool finite = true;
  for (std::int64_t i = 0; i < kQ8Block; ++i) {
    largest = std::max(largest, std::fabs(values[i]));
    finite = finite && std::isfinite(values[i]);
  }
  if (!finite)
    throw Error(ErrorCode::kInvalidArgument,
                "a weight that is not a finite number cannot be written as Q8_0");
  const float scale = largest / 127;
  write_q8_block(values, scale, scale == 0 ? 0 : 1 / scale, out);
}

}  // namespace

void encode_elements(DType type, std::span<const float> values, std::span<std::byte> out) {
  switch (type) {
    case DType::kF32:
      if (!values.empty()) std::memcpy(out.data(), values.data(), values.size_bytes());
      return;
    case DType::kF16:
      return encode_halves(values, out.data(), float_to_f16);
    case DType::kBF16:
      return encode_halves(values, out.data(), float_to_bf16);
    case DType::kQ8_0:
      for (std::size_t i = 0; i < values.size() / kQ8Block; ++i)
        encode_q8_block(&values[i * kQ8Block], &out[i * kQ8BlockBytes]);
  }
}

void encode_q8_with_scale(std::span<const float> values, float scale, std::span<std::byte> out) {
  const float inverse = scale == 0 ? 0 : 1 / scale;
  for (std::size_t i = 0; i < values.size() / kQ8Block; ++i)
    write_q8_block(&values[i * kQ8Block], scale, inverse, &out[i * kQ8BlockBytes]);
}

}  // namespace valence
