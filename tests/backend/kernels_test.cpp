// Every instruction set that this machine can run against plain double arithmetic.
#include "backend/cpu/kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "backend/cpu/scratch.h"
#include "backend/random.h"
#include "base/decode.h"
#include "base/half.h"
#include "base/tensor.h"
#include "valence/error.h"

namespace valence::cpu {
namespace {

// Equal to the last bit, the sign of zero and the payload of a NaN included.
bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

template <typename Body>
void for_each_table(Body body) {
  for (const Kernels* table : all_kernels()) {
    if (!table->supported()) continue;
    CAPTURE(std::string(table->name));
    body(*table);
  }
}

double exact_dot(const float* a, const float* b, std::int64_t size, double* norm) {
  double sum = 0;
  *norm = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    sum += static_cast<double>(a[i]) * b[i];
    *norm += std::abs(static_cast<double>(a[i]) * b[i]);
  }
  return sum;
}

void check_dot_block(const Kernels& kernels, std::int64_t rows, std::int64_t size,
                     std::int64_t count, Random& random) {
  const std::int64_t stride = size + 3;
  const std::vector<float> x = random.normals(rows * stride);
  const std::vector<float> w = random.normals(count * size);
  std::vector<const float*> pointers;
  for (std::int64_t c = 0; c < count; ++c) pointers.push_back(&w[c * size]);
  std::vector<float> out(static_cast<std::size_t>(rows * 5), 77.0F);
  kernels.dot_block({x.data(), rows, size, stride}, pointers.data(), count,
                    {out.data(), rows, count, 5});
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < count; ++c) {
      double norm = 0;
      const double exact = exact_dot(&x[r * stride], pointers[c], size, &norm);
      CHECK(std::abs(out[r * 5 + c] - exact) <= 1e-6 * norm + 1e-12);
    }
    for (std::int64_t c = count; c < 5; ++c) CHECK(out[r * 5 + c] == 77.0F);
  }
}

TEST_CASE("dot products of every shape") {
  for_each_table([](const Kernels& kernels) {
    Random random(1);
    for (const std::int64_t rows : {1, 2, 5, 6, 7, 13, 24})
      for (const std::int64_t size : {1, 3, 16, 31, 36, 64, 129})
        for (std::int64_t count = 1; count <= kBlock; ++count)
          check_dot_block(kernels, rows, size, count, random);
  });
}

TEST_CASE("a row's dot products do not depend on its neighbours") {
  for_each_table([](const Kernels& kernels) {
    Random random(2);
    const std::int64_t size = 77;
    const std::vector<float> x = random.normals(13 * size);
    const std::vector<float> w = random.normals(kBlock * size);
    std::vector<const float*> rows;
    for (std::int64_t c = 0; c < kBlock; ++c) rows.push_back(&w[c * size]);
    std::vector<float> together(13 * kBlock);
    kernels.dot_block({x.data(), 13, size}, rows.data(), kBlock, {together.data(), 13, kBlock});
    for (std::int64_t r = 0; r < 13; ++r) {
      std::vector<float> alone(kBlock);
      kernels.dot_block({&x[r * size], 1, size}, rows.data(), kBlock, {alone.data(), 1, kBlock});
      for (std::int64_t c = 0; c < kBlock; ++c)
        CHECK(same_bits(alone[c], together[r * kBlock + c]));
    }
  });
}

void check_attend(const Kernels& kernels, std::int64_t queries, std::int64_t keys,
                  std::int64_t size, Random& random) {
  const std::int64_t stride = size + 5;
  const std::vector<float> q = random.normals(queries * stride);
  const std::vector<float> k = random.normals(keys * stride);
  const std::vector<float> v = random.normals(keys * stride);
  AlignedBytes scratch;
  const auto bytes = static_cast<std::size_t>(attention_scratch(keys, size)) * sizeof(float);
  std::vector<float> out(static_cast<std::size_t>(queries * stride), 77.0F);
  kernels.attend({q.data(), queries, size, stride}, {k.data(), keys, size, stride},
                 {v.data(), keys, size, stride}, 0.4F,
                 reinterpret_cast<float*>(scratch.grow(bytes)),
                 {out.data(), queries, size, stride});
  for (std::int64_t r = 0; r < queries; ++r) {
    std::vector<double> weights(static_cast<std::size_t>(keys));
    double sum = 0;
    for (std::int64_t j = 0; j < keys; ++j) {
      double norm = 0;
      weights[j] = std::exp(0.4F * exact_dot(&q[r * stride], &k[j * stride], size, &norm));
      sum += weights[j];
    }
    for (std::int64_t c = 0; c < size; ++c) {
      double exact = 0;
      for (std::int64_t j = 0; j < keys; ++j) exact += weights[j] / sum * v[j * stride + c];
      CHECK(std::abs(out[r * stride + c] - exact) <= 1e-5);
    }
    for (std::int64_t c = size; c < stride; ++c) CHECK(out[r * stride + c] == 77.0F);
  }
}

TEST_CASE("attention of every shape") {
  for_each_table([](const Kernels& kernels) {
    Random random(3);
    for (const std::int64_t queries : {1, 5, 6, 7, 13})
      for (const std::int64_t keys : {1, 2, 15, 16, 17, 40})
        for (const std::int64_t size : {1, 9, 12, 16, 33, 64})
          check_attend(kernels, queries, keys, size, random);
  });
}

std::vector<int> exact_bytes(const std::vector<float>& x) {
  float largest = 0;
  for (const float value : x) largest = std::max(largest, std::abs(value));
  std::vector<int> bytes(x.size());
  if (largest == 0) return bytes;
  for (std::size_t i = 0; i < x.size(); ++i)
    bytes[i] = static_cast<int>(std::nearbyint(x[i] * (127.0F / largest)));
  return bytes;
}

TEST_CASE("rows are quantized to the nearest byte") {
  for_each_table([](const Kernels& kernels) {
    Random random(6);
    for (const std::int64_t size : {1, 3, 15, 16, 17, 64, 100}) {
      std::vector<float> x = random.normals(size, 3);
      if (size == 17) x.assign(17, 0.0F);
      if (size == 15) x.assign(15, 1e-40F);
      const std::vector<int> wanted = size == 15 ? std::vector<int>(15) : exact_bytes(x);
      float largest = 0;
      for (const float value : x) largest = std::max(largest, std::abs(value));
      for (const int zero : {0, 128}) {
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size) + 1, 99);
        const float scale = kernels.quantize(x, static_cast<std::uint8_t>(zero), bytes.data());
        CHECK(scale == (size == 15 ? 0.0F : largest / 127.0F));
        for (std::int64_t i = 0; i < size; ++i)
          CHECK(bytes[i] == static_cast<std::uint8_t>(wanted[i] + zero));
        CHECK(bytes[size] == 99);
      }
    }
  });
}

// Factors of full range, the extremes among them, and sums that floats hold exactly.
void check_multiply_int8(const Kernels& kernels, std::int64_t rows, std::int64_t groups,
                         std::int64_t cols, Random& random) {
  const std::int64_t size = groups * kGroup;
  const std::int64_t stride = size + 8;
  const auto factor = [&] {
    const std::int64_t value = random.between(-140, 140);
    return static_cast<int>(std::clamp<std::int64_t>(value, -127, 127));
  };
  std::vector<std::uint8_t> x(static_cast<std::size_t>(rows * stride));
  for (std::uint8_t& byte : x) byte = static_cast<std::uint8_t>(factor() + kernels.activation_zero);
  std::vector<std::int8_t> weights(static_cast<std::size_t>(2 * groups * kGroup * kPanel));
  for (std::int8_t& weight : weights) weight = static_cast<std::int8_t>(factor());
  const auto weight_at = [&](std::int64_t k, std::int64_t n) {
    return static_cast<int>(weights[(k / kGroup * kPanel + n) * kGroup + k % kGroup]);
  };
  std::vector<std::int32_t> corrections(kPanel);
  for (std::int64_t n = 0; n < kPanel; ++n)
    for (std::int64_t k = 0; k < size; ++k)
      corrections[n] += kernels.activation_zero * weight_at(k, n);
  const std::vector<float> ones(static_cast<std::size_t>(std::max(rows, kPanel)), 1.0F);
  const std::vector<float> bias(static_cast<std::size_t>(cols), 3.0F);
  std::vector<float> out(static_cast<std::size_t>(rows * (cols + 1)), 77.0F);
  kernels.multiply_int8({x.data(), rows, stride, ones.data()},
                        {weights.data(), groups, ones.data(), corrections.data(), bias.data()},
                        {out.data(), rows, cols, cols + 1});
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t n = 0; n < cols; ++n) {
      std::int64_t exact = 3;
      for (std::int64_t k = 0; k < size; ++k)
        exact += (static_cast<int>(x[r * stride + k]) << (kernels.activation_zero == 0 ? 24 : 0) >>
                  (kernels.activation_zero == 0 ? 24 : 0)) *
                     weight_at(k, n) -
                 kernels.activation_zero * weight_at(k, n);
      CHECK(out[r * (cols + 1) + n] == static_cast<float>(exact));
    }
    CHECK(out[r * (cols + 1) + cols] == 77.0F);
  }
}

TEST_CASE("products of bytes are exact") {
  for_each_table([](const Kernels& kernels) {
    Random random(7);
    for (const std::int64_t rows : {1, 2, 3, 4, 5, 6, 7, 13})
      for (const std::int64_t groups : {1, 2, 9, 96})
        for (const std::int64_t cols : {1, 17, 63, 64})
          check_multiply_int8(kernels, rows, groups, cols, random);
  });
}

TEST_CASE("every half and bfloat16 decodes exactly") {
  std::vector<std::uint16_t> all(65536);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
  const auto* bytes = reinterpret_cast<const std::byte*>(all.data());
  for_each_table([&](const Kernels& kernels) {
    std::vector<float> f16(all.size());
    std::vector<float> bf16(all.size());
    // An odd count exercises the tail.
    kernels.decode_f16(bytes, std::span(f16).first(65535));
    kernels.decode_bf16(bytes, std::span(bf16).first(65535));
    std::size_t wrong = 0;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      const float half = f16_to_float(all[i]);
      const float brain = bf16_to_float(all[i]);
      wrong += same_bits(half, f16[i]) ? 0 : 1;
      wrong += same_bits(brain, bf16[i]) ? 0 : 1;
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("Q8_0 decodes as the plain decoder does") {
  Random random(4);
  std::vector<std::byte> bytes(3 * kQ8BlockBytes);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.between(0, 255));
  for (std::int64_t block = 0; block < 3; ++block) {
    const std::uint16_t scale = float_to_f16(random.normal(0.01F));
    std::memcpy(&bytes[block * kQ8BlockBytes], &scale, 2);
  }
  const std::vector<float> plain = decode_all({DType::kQ8_0, {3 * kQ8Block}, bytes});
  for_each_table([&](const Kernels& kernels) {
    std::vector<float> fast(plain.size());
    kernels.decode_q8(bytes.data(), fast);
    CHECK(fast == plain);
  });
}

double exact_activation(Activation activation, double x) {
  switch (activation) {
    case Activation::kGelu:
      return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Activation::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::kQuickGelu:
      return x / (1 + std::exp(-1.702 * x));
    case Activation::kRelu:
      return x > 0 ? x : 0;
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kIdentity:
      return x;
  }
  return x;
}

TEST_CASE("activations keep their stated error") {
  std::vector<float> inputs;
  for (int i = -40000; i <= 40000; ++i) inputs.push_back(static_cast<float>(i) * 0.001F);
  for (const float extreme : {-1e30F, -200.0F, 0.0F, 200.0F, 1e30F}) inputs.push_back(extreme);
  for_each_table([&](const Kernels& kernels) {
    for (const Activation activation :
         {Activation::kIdentity, Activation::kGelu, Activation::kGeluTanh, Activation::kQuickGelu,
          Activation::kRelu, Activation::kSilu, Activation::kTanh, Activation::kSigmoid}) {
      CAPTURE(std::string(name_of(activation)));
      std::vector<float> values = inputs;
      kernels.activate(activation, values);
      double worst = 0;
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const double exact = exact_activation(activation, inputs[i]);
        const double bound = std::max(1.0, std::abs(static_cast<double>(inputs[i])));
        worst = std::max(worst, std::abs(values[i] - exact) / bound);
      }
      CHECK(worst <= 4e-7);
    }
  });
}

TEST_CASE("softmax and layer norm keep their stated error") {
  for_each_table([](const Kernels& kernels) {
    Random random(5);
    for (const std::int64_t size : {1, 2, 15, 16, 17, 36, 100, 513}) {
      const std::vector<float> x = random.normals(size, 30);
      std::vector<float> softmax = x;
      kernels.softmax(0.25F, softmax);
      double largest = -INFINITY;
      double sum = 0;
      for (const float value : x) largest = std::max(largest, 0.25 * value);
      for (const float value : x) sum += std::exp(0.25 * value - largest);
      for (std::int64_t i = 0; i < size; ++i)
        CHECK(std::abs(softmax[i] - std::exp(0.25 * x[i] - largest) / sum) <= 1e-6);

      const std::vector<float> weight = random.normals(size);
      const std::vector<float> bias = random.normals(size);
      std::vector<float> normed = x;
      kernels.layer_norm(normed, weight.data(), bias.data(), 1e-5F);
      double mean = 0;
      double variance = 0;
      for (const float value : x) mean += value / static_cast<double>(size);
      for (const float value : x)
        variance += (value - mean) * (value - mean) / static_cast<double>(size);
      for (std::int64_t i = 0; i < size; ++i) {
        const double exact = (x[i] - mean) / std::sqrt(variance + 1e-5) * weight[i] + bias[i];
        CHECK(std::abs(normed[i] - exact) <= 2e-5);
      }
    }
  });
}

TEST_CASE("an instruction set is chosen by name, or refused") {
  CHECK(kernels_by_name("baseline").name == "baseline");
  CHECK_THROWS_AS(kernels_by_name("no-such-set"), Error);
  CHECK(kernels_by_name("").supported());
  for (const Kernels* table : all_kernels()) {
    if (table->supported())
      CHECK(kernels_by_name(table->name).name == table->name);
    else
      CHECK_THROWS_AS(kernels_by_name(table->name), Error);
  }
}

}  // namespace
}  // namespace valence::cpu
