// Every instruction set that this machine can run against plain double arithmetic.
#include "backend/cpu/kernels.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <string>

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

TEST_CASE("weighted sums of every shape") {
  for_each_table([](const Kernels& kernels) {
    Random random(3);
    for (const std::int64_t rows : {1, 4, 7, 12}) {
      for (const std::int64_t keys : {1, 2, 9, 40}) {
        for (const std::int64_t cols : {1, 9, 12, 16, 33, 64}) {
          const std::vector<float> weights = random.normals(rows * keys);
          const std::vector<float> values = random.normals(keys * (cols + 2));
          std::vector<float> out(static_cast<std::size_t>(rows * cols));
          kernels.weighted_sum({weights.data(), rows, keys}, {values.data(), keys, cols, cols + 2},
                               {out.data(), rows, cols});
          for (std::int64_t r = 0; r < rows; ++r) {
            for (std::int64_t c = 0; c < cols; ++c) {
              double exact = 0;
              double norm = 0;
              for (std::int64_t j = 0; j < keys; ++j) {
                const double term =
                    static_cast<double>(weights[r * keys + j]) * values[j * (cols + 2) + c];
                exact += term;
                norm += std::abs(term);
              }
              CHECK(std::abs(out[r * cols + c] - exact) <= 1e-6 * norm + 1e-12);
            }
          }
        }
      }
    }
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
