// Half precisions and the elements of tensors.
#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/decode.h"
#include "base/encode.h"
#include "base/half.h"
#include "valence/error.h"

namespace valence {
namespace {

bool is_nan_bits(std::uint16_t bits, std::uint16_t infinity) {
  return (bits & 0x7FFFU) > infinity;
}

TEST_CASE("every half and bfloat16 survives the way through float") {
  for (std::uint32_t i = 0; i <= 0xFFFF; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    if (is_nan_bits(bits, 0x7C00)) {
      CHECK(std::isnan(f16_to_float(bits)));
    } else if (float_to_f16(f16_to_float(bits)) != bits) {
      FAIL_CHECK("f16 ", i);
    }
    if (is_nan_bits(bits, 0x7F80)) {
      CHECK(std::isnan(bf16_to_float(bits)));
    } else if (float_to_bf16(bf16_to_float(bits)) != bits) {
      FAIL_CHECK("bf16 ", i);
    }
  }
}

TEST_CASE("halves have the values of IEEE 754") {
  CHECK(f16_to_float(0x3C00) == 1.0F);
  CHECK(f16_to_float(0xC000) == -2.0F);
  CHECK(f16_to_float(0x7BFF) == 65504.0F);
  CHECK(f16_to_float(0x0400) == 0x1p-14F);
  CHECK(f16_to_float(0x0001) == 0x1p-24F);
  CHECK(f16_to_float(0x7C00) == INFINITY);
  CHECK(std::signbit(f16_to_float(0x8000)));
  CHECK(bf16_to_float(0x3F80) == 1.0F);
  CHECK(bf16_to_float(0x0001) == 0x1p-133F);
}

// Between neighbours a, b of the narrow format: their exact middle goes to the even one, its float
// neighbours to the nearer one.
template <typename Widen, typename Narrow>
void check_rounding(std::uint16_t last_finite, Widen widen, Narrow narrow) {
  for (std::uint16_t low = 0; low < last_finite; ++low) {
    const auto high = static_cast<std::uint16_t>(low + 1);
    const auto middle = static_cast<float>((static_cast<double>(widen(low)) + widen(high)) / 2);
    const bool good = narrow(middle) == (low % 2 == 0 ? low : high) &&
                      narrow(std::nextafter(middle, 0.0F)) == low &&
                      narrow(std::nextafter(middle, INFINITY)) == high;
    if (!good) FAIL_CHECK("between ", low, " and ", high);
  }
}

TEST_CASE("rounding is to nearest, ties to even, subnormals included") {
  check_rounding(0x7BFF, f16_to_float, float_to_f16);
  check_rounding(0x7F7F, bf16_to_float, float_to_bf16);
}

TEST_CASE("values out of range become infinity, NaN stays NaN") {
  CHECK(float_to_f16(65519.0F) == 0x7BFF);
  CHECK(float_to_f16(65520.0F) == 0x7C00);
  CHECK(float_to_f16(-1e30F) == 0xFC00);
  CHECK(float_to_f16(INFINITY) == 0x7C00);
  CHECK(std::isnan(f16_to_float(float_to_f16(NAN))));
  CHECK(float_to_bf16(3.4e38F) == 0x7F80);
  CHECK(std::isnan(bf16_to_float(float_to_bf16(NAN))));
  CHECK(std::isnan(bf16_to_float(float_to_bf16(std::bit_cast<float>(0x7F800001U)))));
}

Tensor tensor_of(DType type, std::int64_t count, std::span<const std::byte> bytes) {
  return {type, {count}, bytes};
}

TEST_CASE("elements are read from unaligned bytes and from the middle") {
  const std::array<float, 3> values{1.0F, -2.5F, 3e-5F};
  std::vector<std::byte> bytes(1 + sizeof values);
  std::memcpy(bytes.data() + 1, values.data(), sizeof values);
  const Tensor tensor = tensor_of(DType::kF32, 3, std::span(bytes).subspan(1));
  CHECK(decode_all(tensor) == std::vector<float>(values.begin(), values.end()));
  std::array<float, 2> tail{};
  decode_elements(tensor, 1, tail);
  CHECK(tail == std::array{-2.5F, 3e-5F});
}

TEST_CASE("Q8_0 is scale times byte, block by block") {
  std::vector<std::byte> bytes(2 * kQ8BlockBytes);
  const std::uint16_t half = 0x3800;   // 0.5
  const std::uint16_t three = 0x4200;  // 3
  std::memcpy(bytes.data(), &half, 2);
  std::memcpy(bytes.data() + kQ8BlockBytes, &three, 2);
  bytes[2] = std::byte{0x80};  // -128
  bytes[2 + 31] = std::byte{5};
  bytes[kQ8BlockBytes + 2] = std::byte{127};
  const std::vector<float> values = decode_all(tensor_of(DType::kQ8_0, 64, bytes));
  CHECK(values[0] == -64.0F);
  CHECK(values[31] == 2.5F);
  CHECK(values[32] == 381.0F);
  CHECK(values[33] == 0.0F);
}

TEST_CASE("encoded elements decode to the nearest value that the type holds") {
  std::vector<float> values(64);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i * 37 % 64) / 64 - 0.5F;
  for (const DType type : {DType::kF32, DType::kF16, DType::kBF16, DType::kQ8_0}) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(bytes_of(type, 64)));
    encode_elements(type, values, bytes);
    const std::vector<float> read = decode_all(tensor_of(type, 64, bytes));
    // Half a step: of 1/64 exactly in the float types; of 0.5 / 127 and the scale's rounding in
    // Q8_0.
    const float bound = type == DType::kQ8_0 ? 0.5F / 254 * 1.2F : 0.0F;
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(std::abs(read[i] - values[i]) <= bound);
  }
}

TEST_CASE("Q8_0 of zeros is zeros, of values that are not finite an error") {
  std::vector<float> values(32);
  std::vector<std::byte> bytes(kQ8BlockBytes, std::byte{1});
  encode_elements(DType::kQ8_0, values, bytes);
  CHECK(decode_all(tensor_of(DType::kQ8_0, 32, bytes)) == values);
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    values[7] = bad;
    CHECK_THROWS_AS(encode_elements(DType::kQ8_0, values, bytes), Error);
  }
  values.assign(32, 1e-42F);  // the scale is subnormal, its inverse infinite
  CHECK_NOTHROW(encode_elements(DType::kQ8_0, values, bytes));
}

TEST_CASE("shapes are counted and shown") {
  CHECK(Tensor{DType::kF32, {2, 3, 4}, {}}.count() == 24);
  CHECK(Tensor{DType::kF32, {}, {}}.count() == 1);
  CHECK(shape_text(std::vector<std::int64_t>{384, 1536}) == "[384, 1536]");
  CHECK(bytes_of(DType::kQ8_0, 64) == 68);
  CHECK(name_of(DType::kBF16) == "BF16");
}

}  // namespace
}  // namespace valence
