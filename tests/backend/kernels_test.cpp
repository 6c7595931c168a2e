// Every instruction set that this machine can run or emulate against plain double arithmetic.
#include "backend/cpu/kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "backend/amx_model.h"
#include "backend/cpu/scratch.h"
#include "backend/emulated_tables.h"
#include "backend/random.h"
#include "backend/software_tiles.h"
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
  static const std::vector<const Kernels*> tables = [] {
    std::vector<const Kernels*> found = emulated_tables();
    found.push_back(&kAmxModelKernels);
    for (const Kernels* table : all_kernels())
      if (table->supported()) found.push_back(table);
    return found;
  }();
  for (const Kernels* table : tables) {
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

float nearest_bf16(float value) {
  return bf16_to_float(float_to_bf16(value));
}

// Rows of floats or bfloat16 as the kernels take them: whole groups, the last one filled with
// zeros.
std::vector<std::byte> pack_floats(const Kernels& kernels, std::span<const float> values,
                                   bool halves) {
  const std::size_t bytes = values.size() * (halves ? 2 : 4);
  std::vector<std::byte> packed((bytes + kGroupBytes - 1) / kGroupBytes * kGroupBytes);
  if (halves)
    kernels.round_bf16(values, packed.data());
  else
    std::memcpy(packed.data(), values.data(), bytes);
  return packed;
}

// A product of floats or bfloat16 with everything about it odd, and its exact value.
class FloatProduct {
 public:
  FloatProduct(std::int64_t rows, std::int64_t size, std::int64_t cols, Random& random)
      : rows_(rows),
        size_(size),
        cols_(cols),
        x_(random.normals(rows * size)),
        weights_(random.normals(cols * size)),
        bias_(random.normals(cols)),
        residual_(random.normals(rows * (cols + 2))) {}

  std::vector<float> compute(const Kernels& kernels, bool halves, std::int64_t first,
                             std::int64_t count) const {
    const std::span x(x_);
    const std::span weights(weights_);
    const auto size = static_cast<std::size_t>(size_);
    std::vector<std::byte> rows;
    std::size_t stride = 0;
    for (std::int64_t r = first; r < first + count; ++r) {
      const std::vector<std::byte> row = pack_floats(kernels, x.subspan(r * size, size), halves);
      rows.insert(rows.end(), row.begin(), row.end());
      stride = row.size();
    }
    std::vector<std::byte> panel(stride * kPanel);
    for (std::int64_t n = 0; n < cols_; ++n) {
      const std::vector<std::byte> row =
          pack_floats(kernels, weights.subspan(n * size, size), halves);
      for (std::size_t g = 0; g < stride / kGroupBytes; ++g)
        std::memcpy(&panel[(g * kPanel + n) * kGroupBytes], &row[g * kGroupBytes], kGroupBytes);
    }
    std::vector<float> out(static_cast<std::size_t>(count * (cols_ + 1)), 77.0F);
    const auto bytes = static_cast<std::int64_t>(stride);
    (halves ? kernels.multiply_bf16 : kernels.multiply_f32)(
        {rows.data(), count, bytes}, {panel.data(), bytes / kGroupBytes},
        {bias_.data(), &residual_[first * (cols_ + 2)], cols_ + 2},
        {out.data(), count, cols_, cols_ + 1});
    return out;
  }

  void check(const Kernels& kernels, bool halves) const {
    const std::vector<float> found = compute(kernels, halves, 0, rows_);
    std::vector<float> x = x_;
    std::vector<float> weights = weights_;
    if (halves) {
      for (float& value : x) value = nearest_bf16(value);
      for (float& value : weights) value = nearest_bf16(value);
    }
    for (std::int64_t r = 0; r < rows_; ++r) {
      for (std::int64_t n = 0; n < cols_; ++n) {
        double norm = 0;
        const double exact = exact_dot(&x[r * size_], &weights[n * size_], size_, &norm) +
                             bias_[n] + residual_[r * (cols_ + 2) + n];
        CHECK(std::abs(found[r * (cols_ + 1) + n] - exact) <= 2e-6 * norm + 1e-6);
      }
      CHECK(found[r * (cols_ + 1) + cols_] == 77.0F);
    }
  }

  // Each row alone has the bits that it has among the others.
  void check_alone(const Kernels& kernels, bool halves) const {
    const std::vector<float> together = compute(kernels, halves, 0, rows_);
    for (std::int64_t r = 0; r < rows_; ++r) {
      const std::vector<float> alone = compute(kernels, halves, r, 1);
      for (std::int64_t n = 0; n < cols_; ++n)
        CHECK(same_bits(alone[n], together[r * (cols_ + 1) + n]));
    }
  }

 private:
  std::int64_t rows_, size_, cols_;
  std::vector<float> x_, weights_, bias_, residual_;
};

TEST_CASE("products of floats and of bfloat16, of every shape") {
  for_each_table([](const Kernels& kernels) {
    Random random(1);
    for (const bool halves : {false, true})
      for (const std::int64_t rows : {1, 2, 5, 6, 7, 13, 17, 35})
        for (const std::int64_t size : {1, 3, 16, 31, 32, 129})
          for (const std::int64_t cols : {1, 17, 63, 64})
            FloatProduct(rows, size, cols, random).check(kernels, halves);
  });
}

TEST_CASE("a row's products do not depend on its neighbours") {
  for_each_table([](const Kernels& kernels) {
    Random random(2);
    for (const bool halves : {false, true})
      for (const std::int64_t rows : {13, 20})
        for (const std::int64_t cols : {64, 33})
          FloatProduct(rows, 77, cols, random).check_alone(kernels, halves);
  });
}

TEST_CASE("floats are rounded to the nearest bfloat16") {
  Random random(8);
  std::vector<float> values = random.normals(1003, 3);
  for (int i = 0; i < 300; ++i)  // ties, and what lies beside them
    values.push_back(std::bit_cast<float>(0x3F808000U + 0x8000U * static_cast<unsigned>(i / 3) +
                                          static_cast<unsigned>(i % 3) - 1));
  for (const float value : {0.0F, -0.0F, INFINITY, -INFINITY, std::nanf("")})
    values.push_back(value);
  for_each_table([&](const Kernels& kernels) {
    std::vector<std::uint16_t> found(values.size() + 1, 7);
    kernels.round_bf16(values, reinterpret_cast<std::byte*>(found.data()));
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(found[i] == float_to_bf16(values[i]));
    CHECK(found.back() == 7);
  });
}

void check_attend(Attend attend, double bound, std::int64_t queries, std::int64_t keys,
                  std::int64_t size, Random& random) {
  const std::int64_t stride = size + 5;
  const std::vector<float> q = random.normals(queries * stride);
  const std::vector<float> k = random.normals(keys * stride);
  const std::vector<float> v = random.normals(keys * stride);
  AlignedBytes scratch;
  const auto bytes = static_cast<std::size_t>(attention_scratch(keys, size)) * sizeof(float);
  std::vector<float> out(static_cast<std::size_t>(queries * stride), 77.0F);
  const auto run = [&](const float* from, float* to) {
    attend({from, queries, size, stride}, {k.data(), keys, size, stride},
           {v.data(), keys, size, stride}, 0.4F, reinterpret_cast<float*>(scratch.grow(bytes)),
           {to, queries, size, stride});
  };
  run(q.data(), out.data());
  std::vector<float> in_place = q;
  run(in_place.data(), in_place.data());
  for (std::int64_t r = 0; r < queries; ++r)
    CHECK(std::equal(&out[r * stride], &out[r * stride] + size, &in_place[r * stride]));
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
      CHECK(std::abs(out[r * stride + c] - exact) <= bound);
    }
    for (std::int64_t c = size; c < stride; ++c) CHECK(out[r * stride + c] == 77.0F);
  }
}

TEST_CASE("attention of every shape") {
  for_each_table([](const Kernels& kernels) {
    Random random(3);
    for (const std::int64_t queries : {1, 5, 6, 7, 13, 34})
      for (const std::int64_t keys : {1, 2, 15, 16, 17, 40, 70})
        for (const std::int64_t size : {1, 9, 12, 16, 33, 64, 70}) {
          check_attend(kernels.attend, 1e-5, queries, keys, size, random);
          // Each of the four factors is off by 2^-9 at most.
          check_attend(kernels.attend_bf16, 0.08, queries, keys, size, random);
        }
  });
}

// What `byte` stands for with these kernels' kind of bytes.
int value_of(const Kernels& kernels, std::byte byte) {
  return kernels.signed_bytes ? static_cast<std::int8_t>(byte) : static_cast<int>(byte);
}

TEST_CASE("rows are quantized to the nearest byte of their range") {
  for_each_table([](const Kernels& kernels) {
    Random random(6);
    for (const std::int64_t size : {1, 3, 15, 16, 17, 64, 100}) {
      std::vector<float> x = random.normals(size, 3);
      if (size == 64)
        for (float& value : x) value = std::abs(value);
      if (size == 17) x.assign(17, 0.0F);
      if (size == 15) x.assign(15, 1e-40F);
      const float high = std::max(0.0F, *std::max_element(x.begin(), x.end()));
      const float low = std::min(0.0F, *std::min_element(x.begin(), x.end()));
      const bool nothing = high - low < 1e-30F;
      const float inverse = nothing ? 0.0F : 255.0F / (high - low);
      const int least = kernels.signed_bytes ? -128 : 0;
      const int zero = static_cast<int>(std::nearbyint(-low * inverse)) + least;
      std::vector<std::byte> bytes(static_cast<std::size_t>(size) + 1, std::byte{99});
      const Quantized found = kernels.quantize(x, nullptr, bytes.data());
      CHECK(found.zero == zero);
      CHECK(found.scale == (nothing ? 0.0F : (high - low) / 255.0F));
      for (std::int64_t i = 0; i < size; ++i) {
        const int wanted = static_cast<int>(std::nearbyint(x[i] * inverse)) + zero;
        CHECK(value_of(kernels, bytes[i]) == std::min(wanted, least + 255));
      }
      CHECK(bytes[size] == std::byte{99});
    }
  });
}

TEST_CASE("weights are quantized to the nearest byte of their magnitude") {
  for_each_table([](const Kernels& kernels) {
    Random random(9);
    for (const std::int64_t size : {1, 3, 15, 16, 17, 100}) {
      std::vector<float> x = random.normals(size, 3);
      if (size == 17) x.assign(17, 0.0F);
      float largest = 0;
      for (const float value : x) largest = std::max(largest, std::abs(value));
      std::vector<std::byte> bytes(static_cast<std::size_t>(size) + 1, std::byte{99});
      CHECK(kernels.quantize_weights(x, bytes.data()) == largest / 127.0F);
      for (std::int64_t i = 0; i < size; ++i) {
        const float exact = largest == 0 ? 0 : x[i] * (127.0F / largest);
        CHECK(static_cast<std::int8_t>(bytes[i]) == static_cast<int>(std::nearbyint(exact)));
      }
      CHECK(bytes[size] == std::byte{99});
    }
  });
}

// Factors of full range, the extremes among them, and sums that floats hold exactly.
void check_multiply_int8(const Kernels& kernels, std::int64_t rows, std::int64_t groups,
                         std::int64_t cols, Random& random) {
  const std::int64_t size = groups * kGroupBytes;
  const std::int64_t stride = size + 8;
  const auto factor = [&](int least, int most) {
    return std::clamp<std::int64_t>(random.between(least - 10, most + 10), least, most);
  };
  const int least = kernels.signed_bytes ? -128 : 0;
  std::vector<std::byte> x(static_cast<std::size_t>(rows * stride));
  for (std::byte& byte : x) byte = static_cast<std::byte>(factor(least, least + 255));
  std::vector<std::int32_t> zeros(static_cast<std::size_t>(rows));
  for (std::int32_t& zero : zeros) zero = static_cast<std::int32_t>(factor(least, least + 255));
  std::vector<std::byte> weights(static_cast<std::size_t>(groups * kGroupBytes * kPanel));
  for (std::byte& weight : weights) weight = static_cast<std::byte>(factor(-127, 127));
  const auto weight_at = [&](std::int64_t k, std::int64_t n) {
    return static_cast<int>(static_cast<std::int8_t>(
        weights[(k / kGroupBytes * kPanel + n) * kGroupBytes + k % kGroupBytes]));
  };
  std::vector<std::int32_t> sums(kPanel);
  for (std::int64_t n = 0; n < kPanel; ++n)
    for (std::int64_t k = 0; k < size; ++k) sums[n] += weight_at(k, n);
  const std::vector<float> ones(static_cast<std::size_t>(std::max(rows, kPanel)), 1.0F);
  const std::vector<float> bias(static_cast<std::size_t>(cols), 3.0F);
  std::vector<float> out(static_cast<std::size_t>(rows * (cols + 1)), 77.0F);
  kernels.multiply_int8({x.data(), rows, stride, ones.data(), zeros.data()},
                        {weights.data(), groups, ones.data(), sums.data()}, {bias.data()},
                        {out.data(), rows, cols, cols + 1});
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t n = 0; n < cols; ++n) {
      std::int64_t exact = 3;
      for (std::int64_t k = 0; k < size; ++k)
        exact += (value_of(kernels, x[r * stride + k]) - zeros[r]) * weight_at(k, n);
      CHECK(out[r * (cols + 1) + n] == static_cast<float>(exact));
    }
    CHECK(out[r * (cols + 1) + cols] == 77.0F);
  }
}

TEST_CASE("products of bytes are exact") {
  for_each_table([](const Kernels& kernels) {
    Random random(7);
    for (const std::int64_t rows : {1, 2, 3, 4, 5, 6, 7, 13, 17, 35})
      for (const std::int64_t groups : {1, 2, 9, 16, 33, 96})
        for (const std::int64_t cols : {1, 17, 63, 64})
          check_multiply_int8(kernels, rows, groups, cols, random);
  });
}

TEST_CASE("a thread does not keep its tiles") {
  for_each_table([](const Kernels& kernels) {
    Random random(10);
    for (const std::int64_t groups : {3, 16}) {
      check_multiply_int8(kernels, 17, groups, 64, random);
      CHECK(!software_tiles().in_use());
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
      const auto worst_of = [&](auto activate) {
        std::vector<float> values = inputs;
        activate(activation, values);
        double worst = 0;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
          const double exact = exact_activation(activation, inputs[i]);
          const double bound = std::max(1.0, std::abs(static_cast<double>(inputs[i])));
          worst = std::max(worst, std::abs(values[i] - exact) / bound);
        }
        return worst;
      };
      CHECK(worst_of(kernels.activate) <= 4e-7);
      CHECK(worst_of(kernels.activate_coarsely) <= 1.3e-4);
    }
  });
}

TEST_CASE("layer norm keeps its stated error") {
  for_each_table([](const Kernels& kernels) {
    Random random(5);
    for (const std::int64_t size : {1, 2, 15, 16, 17, 36, 100, 513}) {
      const std::vector<float> x = random.normals(size, 30);
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

// Set where it is known what the tests must have run on, as under emulation.
TEST_CASE("the instruction sets of this processor are those expected") {
  const char* expected = std::getenv("VALENCE_EXPECTED_ISAS");
  if (expected == nullptr) return;
  std::string found;
  for (const Kernels* table : all_kernels())
    if (table->supported()) found.append(table->name).append(" ");
  CHECK(found == std::string(expected) + " ");
}

}  // namespace
}  // namespace valence::cpu
