// One test body for every backend, instruction set and weight type, against the reference backend.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

#include "backend/backend.h"
#include "backend/cpu/kernels.h"
#include "backend/random.h"
#include "base/decode.h"
#include "base/half.h"
#include "valence/error.h"

namespace valence {
namespace {

// A tensor that owns its bytes.
struct OwnTensor {
  std::vector<std::byte> bytes;
  Tensor tensor;
};

OwnTensor make_tensor(DType type, std::vector<std::int64_t> shape, Random& random,
                      std::size_t misalign = 0) {
  OwnTensor own;
  own.tensor.type = type;
  own.tensor.shape = std::move(shape);
  const std::int64_t count = own.tensor.count();
  const auto size = static_cast<std::size_t>(bytes_of(type, count));
  own.bytes.resize(size + misalign);
  std::byte* at = own.bytes.data() + misalign;
  if (type == DType::kQ8_0) {
    for (std::int64_t block = 0; block < count / kQ8Block; ++block, at += kQ8BlockBytes) {
      const std::uint16_t scale = float_to_f16(0.002F);
      std::memcpy(at, &scale, 2);
      for (std::int64_t i = 0; i < kQ8Block; ++i)
        at[2 + i] = static_cast<std::byte>(random.between(-127, 127));
    }
  } else {
    for (std::int64_t i = 0; i < count; ++i) {
      const float value = random.normal(0.2F);
      const std::uint16_t half = type == DType::kF16 ? float_to_f16(value) : float_to_bf16(value);
      if (type == DType::kF32)
        std::memcpy(at + 4 * i, &value, 4);
      else
        std::memcpy(at + 2 * i, &half, 2);
    }
  }
  own.tensor.data = std::span<const std::byte>(own.bytes).subspan(misalign);
  return own;
}

// Runs `body(backend)` for the CPU backend with every instruction set.
template <typename Body>
void for_each_cpu(Body body, Precision precision = Precision::kFp32) {
  for (const cpu::Kernels* table : cpu::all_kernels()) {
    if (!table->supported()) continue;
    CAPTURE(std::string(table->name));
    ::setenv("VALENCE_ISA", std::string(table->name).c_str(), 1);
    const std::unique_ptr<Backend> backend = make_backend("cpu", precision);
    ::unsetenv("VALENCE_ISA");
    body(*backend);
  }
}

void check_close(ConstMatrix found, ConstMatrix wanted, double bound) {
  double worst = 0;
  for (std::int64_t r = 0; r < wanted.rows; ++r)
    for (std::int64_t c = 0; c < wanted.cols; ++c)
      worst = std::max(worst, std::abs(static_cast<double>(found.row(r)[c]) - wanted.row(r)[c]));
  CHECK(worst <= bound);
}

struct Buffer {
  Buffer(std::int64_t row_count, std::int64_t col_count)
      : values(static_cast<std::size_t>(row_count * col_count)), rows(row_count), cols(col_count) {}
  Matrix matrix() { return {values.data(), rows, cols}; }
  std::vector<float> values;
  std::int64_t rows;
  std::int64_t cols;
};

TEST_CASE("linear layers of every weight type") {
  Random random(11);
  const std::unique_ptr<Backend> reference = make_backend("reference");
  for (const DType type : {DType::kF32, DType::kF16, DType::kBF16, DType::kQ8_0}) {
    CAPTURE(std::string(name_of(type)));
    for (const std::int64_t rows : {1, 3, 37, 300}) {
      const std::int64_t in = 96;
      const std::int64_t out = 53;
      const OwnTensor weight = make_tensor(type, {out, in}, random, type == DType::kF32 ? 2 : 0);
      std::vector<float> x_values = random.normals(rows * in);
      std::vector<float> rest_values = random.normals(rows * out);
      const ConstMatrix x(x_values.data(), rows, in);
      const ConstMatrix rest(rest_values.data(), rows, out);
      const WeightVector bias = random.normals(out);
      for (const ConstMatrix* residual : {static_cast<const ConstMatrix*>(nullptr), &rest}) {
        Buffer wanted(rows, out);
        reference->linear({reference->load_matrix(weight.tensor), bias}, x, Activation::kGelu,
                          residual, wanted.matrix());
        for_each_cpu([&](const Backend& backend) {
          Buffer found(rows, out);
          backend.linear({backend.load_matrix(weight.tensor), bias}, x, Activation::kGelu, residual,
                         found.matrix());
          check_close(found.matrix(), wanted.matrix(), 2e-5);
        });
      }
    }
  }
}

// What int8 means, in plain arithmetic: rows of x are rounded to 256 steps between their least and
// largest value (0 among them), rows of weights to 255 around 0; the sums are exact.
std::vector<int> weight_bytes(std::span<const float> row, double& scale) {
  float largest = 0;
  for (const float value : row) largest = std::max(largest, std::abs(value));
  scale = largest / 127.0F;
  std::vector<int> bytes;
  for (const float value : row)
    bytes.push_back(static_cast<int>(std::nearbyint(value * (127.0F / largest))));
  return bytes;
}

// An outlier counts with its share only, and its steps may be more than 255: its columns are one
// here.
std::vector<int> row_bytes(std::span<const float> row, std::span<const std::int32_t> outliers,
                           double& scale) {
  float low = 0;
  float high = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto copies = std::count(outliers.begin(), outliers.end(), i);
    const float value = row[i] * (1.0F / static_cast<float>(copies + 1));
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const float inverse = 255.0F / (high - low);
  const int zero = static_cast<int>(std::nearbyint(-low * inverse));
  scale = (high - low) / 255.0F;
  std::vector<int> bytes;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int steps = static_cast<int>(std::nearbyint(row[i] * inverse));
    const auto columns = static_cast<int>(std::count(outliers.begin(), outliers.end(), i)) + 1;
    bytes.push_back(std::clamp(steps, -zero * columns, (255 - zero) * columns));
  }
  return bytes;
}

void int8_product(const Tensor& weight, const WeightVector& bias, ConstMatrix x, Matrix out) {
  const std::vector<float> values = decode_all(weight);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    double x_scale = 0;
    const std::vector<int> a = row_bytes(x.row_span(r), weight.outliers, x_scale);
    for (std::int64_t n = 0; n < out.cols; ++n) {
      double w_scale = 0;
      const std::vector<int> b = weight_bytes(
          std::span(values).subspan(static_cast<std::size_t>(n * x.cols), a.size()), w_scale);
      std::int64_t sum = 0;
      for (std::size_t k = 0; k < a.size(); ++k) sum += std::int64_t{a[k]} * b[k];
      out.row(r)[n] = static_cast<float>(static_cast<double>(sum) * x_scale * w_scale + bias[n]);
    }
  }
}

TEST_CASE("layers in int8 are exact products of rounded rows") {
  Random random(14);
  for (const DType type : {DType::kF32, DType::kF16, DType::kQ8_0}) {
    CAPTURE(std::string(name_of(type)));
    for (const std::int64_t rows : {1, 5, 50}) {
      for (const std::int64_t out : {3, 64, 130}) {
        const std::int64_t in = type == DType::kQ8_0 ? 96 : 90;
        const OwnTensor weight = make_tensor(type, {out, in}, random);
        const std::vector<float> x_values = random.normals(rows * in);
        const ConstMatrix x(x_values.data(), rows, in);
        const WeightVector bias = random.normals(out);
        Buffer wanted(rows, out);
        int8_product(weight.tensor, bias, x, wanted.matrix());
        const auto check = [&](const Backend& backend) {
          Buffer found(rows, out);
          backend.linear({backend.load_layer_matrix(weight.tensor), bias}, x, Activation::kIdentity,
                         nullptr, found.matrix());
          check_close(found.matrix(), wanted.matrix(), 1e-4);
        };
        for_each_cpu(check, Precision::kInt8);
        if (type == DType::kQ8_0) for_each_cpu(check, Precision::kAuto);
      }
    }
  }
}

TEST_CASE(
    "outliers in int8 are divided without another rounding, and leave the others more steps") {
  Random random(18);
  for (const std::int64_t in : {96, 90, 65}) {
    OwnTensor plain = make_tensor(DType::kF32, {70, in}, random);
    OwnTensor marked = plain;
    marked.tensor.data = marked.bytes;
    marked.tensor.outliers = {3, 3, 3, 60};
    std::vector<float> x_values = random.normals(9 * in);
    for (std::int64_t r = 0; r < 9; ++r) {
      x_values[r * in + 3] = r == 8 ? 0 : random.normal(24);
      x_values[r * in + 60] = random.normal(12);
    }
    const ConstMatrix x(x_values.data(), 9, in);
    const WeightVector bias = random.normals(70);
    Buffer exact(9, 70);
    Buffer wanted(9, 70);
    const auto reference = make_backend("reference");
    reference->linear({reference->load_layer_matrix(plain.tensor), bias}, x, Activation::kIdentity,
                      nullptr, exact.matrix());
    int8_product(marked.tensor, bias, x, wanted.matrix());
    const auto error_of = [&](const Backend& backend, const Tensor& tensor, Buffer& found) {
      backend.linear({backend.load_layer_matrix(tensor), bias}, x, Activation::kIdentity, nullptr,
                     found.matrix());
      double sum = 0;
      for (std::size_t i = 0; i < found.values.size(); ++i)
        sum += std::pow(found.values[i] - exact.values[i], 2);
      return sum;
    };
    const auto check = [&](const Backend& backend) {
      Buffer whole(9, 70);
      Buffer divided(9, 70);
      CHECK(error_of(backend, marked.tensor, divided) <
            0.5 * error_of(backend, plain.tensor, whole));
      check_close(divided.matrix(), wanted.matrix(), 1e-3);
    };
    for_each_cpu(check, Precision::kInt8);
  }
}

TEST_CASE("rows with and without outliers are packed apart") {
  Random random(19);
  const OwnTensor first = make_tensor(DType::kQ8_0, {70, 96}, random);
  OwnTensor second = make_tensor(DType::kQ8_0, {64, 96}, random);
  second.tensor.outliers = {5, 5, 9, 11};
  std::vector<float> x_values = random.normals(7 * 96);
  const ConstMatrix x(x_values.data(), 7, 96);
  const auto check = [&](const Backend& backend) {
    const Linear a{backend.load_layer_matrix(first.tensor), {}};
    const Linear b{backend.load_layer_matrix(second.tensor), {}};
    Buffer together(7, 134);
    backend.linears(std::array<const Linear*, 2>{&a, &b}, x, together.matrix());
    Buffer alone(7, 64);
    backend.linear(b, x, Activation::kIdentity, nullptr, alone.matrix());
    check_close(together.matrix().columns(70, 64), alone.matrix(), 0);
  };
  for_each_cpu(check, Precision::kInt8);
}

TEST_CASE("layers in bf16 are products of rounded factors") {
  Random random(16);
  for (const DType type : {DType::kF32, DType::kBF16, DType::kQ8_0}) {
    CAPTURE(std::string(name_of(type)));
    const OwnTensor weight = make_tensor(type, {70, 96}, random);
    std::vector<float> x_values = random.normals(7 * 96);
    std::vector<float> rounded = decode_all(weight.tensor);
    for (float& value : rounded) value = bf16_to_float(float_to_bf16(value));
    const Tensor rounded_weight{DType::kF32, {70, 96}, std::as_bytes(std::span(rounded))};
    std::vector<float> rounded_x = x_values;
    for (float& value : rounded_x) value = bf16_to_float(float_to_bf16(value));
    const WeightVector bias = random.normals(70);
    const auto reference = make_backend("reference");
    Buffer wanted(7, 70);
    reference->linear({reference->load_matrix(rounded_weight), bias}, {rounded_x.data(), 7, 96},
                      Activation::kIdentity, nullptr, wanted.matrix());
    const auto check = [&](const Backend& backend) {
      Buffer found(7, 70);
      backend.linear({backend.load_layer_matrix(weight.tensor), bias}, {x_values.data(), 7, 96},
                     Activation::kIdentity, nullptr, found.matrix());
      check_close(found.matrix(), wanted.matrix(), 2e-5);
    };
    for_each_cpu(check, Precision::kBf16);
  }
}

TEST_CASE("layers of the same rows side by side are the layers one by one") {
  Random random(17);
  const OwnTensor first = make_tensor(DType::kF32, {70, 96}, random);
  const OwnTensor second = make_tensor(DType::kQ8_0, {64, 96}, random);
  const OwnTensor third = make_tensor(DType::kQ8_0, {5, 96}, random);
  std::vector<float> x_values = random.normals(7 * 96);
  const ConstMatrix x(x_values.data(), 7, 96);
  const auto check = [&](const Backend& backend) {
    std::vector<Linear> layers;
    for (const OwnTensor* tensor : {&first, &second, &third})
      layers.push_back(
          {backend.load_layer_matrix(tensor->tensor), random.normals(tensor->tensor.shape[0])});
    Buffer together(7, 139);
    backend.linears(std::array<const Linear*, 3>{&layers[0], &layers[1], &layers[2]}, x,
                    together.matrix());
    std::int64_t column = 0;
    for (const Linear& layer : layers) {
      Buffer alone(7, layer.weight->out());
      backend.linear(layer, x, Activation::kIdentity, nullptr, alone.matrix());
      check_close(together.matrix().columns(column, alone.cols), alone.matrix(), 0);
      column += alone.cols;
    }
    Buffer parts(7, 139);
    for (const Share part : {Share{0, 64}, Share{64, 128}})
      backend.linears_part(std::array<const Linear*, 3>{&layers[0], &layers[1], &layers[2]}, part,
                           x, parts.matrix());
    check_close(parts.matrix(), together.matrix(), 0);
  };
  for_each_cpu(check, Precision::kAuto);
  check(*make_backend("reference"));
}

TEST_CASE("heads and layers of float files are not rounded unless asked for") {
  Random random(15);
  const OwnTensor weight = make_tensor(DType::kF32, {8, 96}, random);
  const OwnTensor packed = make_tensor(DType::kQ8_0, {8, 96}, random);
  const std::vector<float> x_values = random.normals(96);
  const ConstMatrix x(x_values.data(), 1, 96);
  const auto reference = make_backend("reference");
  const auto product = [&](const Backend& backend, std::unique_ptr<const WeightMatrix> matrix) {
    Buffer out(1, 8);
    backend.linear({std::move(matrix), {}}, x, Activation::kIdentity, nullptr, out.matrix());
    return out;
  };
  const auto check = [&](const Backend& backend) {
    Buffer layer = product(*reference, reference->load_layer_matrix(weight.tensor));
    check_close(product(backend, backend.load_layer_matrix(weight.tensor)).matrix(), layer.matrix(),
                2e-5);
    Buffer head = product(*reference, reference->load_matrix(packed.tensor));
    check_close(product(backend, backend.load_matrix(packed.tensor)).matrix(), head.matrix(), 2e-5);
  };
  for_each_cpu(check, Precision::kAuto);
}

TEST_CASE("attention over ragged sequences, whole and first rows only") {
  Random random(12);
  const std::unique_ptr<Backend> reference = make_backend("reference");
  const std::int64_t heads = 3;
  const std::int64_t width = 3 * 12;
  std::vector<std::int32_t> offsets{0};
  for (const std::int32_t length : {1, 2, 40, 7, 13, 130})
    offsets.push_back(offsets.back() + length);
  std::vector<std::int32_t> one_each{0, 1, 2, 3, 4, 5, 6};
  const std::int64_t tokens = offsets.back();
  std::vector<float> qkv = random.normals(tokens * 3 * width, 2);
  const Matrix all(qkv.data(), tokens, 3 * width);
  for (const bool first_only : {false, true}) {
    const std::span<const std::int32_t> queries = first_only ? one_each : offsets;
    const std::int64_t rows = queries.back();
    const AttentionShape shape{heads, 0.3F, true, queries, offsets};
    const auto run = [&](const Backend& backend, Buffer& out) {
      backend.attention(shape, all.columns(0, width).rows_from(0, rows), all.columns(width, width),
                        all.columns(2 * width, width), out.matrix());
    };
    Buffer wanted(rows, width);
    run(*reference, wanted);
    for_each_cpu([&](const Backend& backend) {
      Buffer found(rows, width);
      run(backend, found);
      check_close(found.matrix(), wanted.matrix(), 1e-5);
    });
  }
}

TEST_CASE("embeddings with and without positions and types") {
  Random random(13);
  const std::unique_ptr<Backend> reference = make_backend("reference");
  const OwnTensor tokens = make_tensor(DType::kQ8_0, {50, 64}, random);
  const OwnTensor positions = make_tensor(DType::kF32, {20, 64}, random);
  const OwnTensor types = make_tensor(DType::kF16, {2, 64}, random);
  const std::vector<std::int32_t> ids{0, 49, 7, 7, 13};
  const std::vector<std::int32_t> places{0, 1, -1, 19, 0};
  const std::vector<std::uint8_t> kinds{0, 1, 1, 0, 0};
  for (const bool with_types : {false, true}) {
    const auto run = [&](const Backend& backend, Buffer& out) {
      Embeddings tables;
      tables.tokens = backend.load_table(tokens.tensor);
      tables.positions = backend.load_table(positions.tensor);
      if (with_types) tables.types = backend.load_table(types.tensor);
      backend.embed(tables, {ids, places, kinds}, out.matrix());
    };
    Buffer wanted(5, 64);
    run(*reference, wanted);
    for_each_cpu([&](const Backend& backend) {
      Buffer found(5, 64);
      run(backend, found);
      check_close(found.matrix(), wanted.matrix(), 1e-6);
    });
  }
}

TEST_CASE("an unknown backend is refused by name") {
  try {
    make_backend("quantum");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("cpu, reference") != std::string::npos);
  }
}

}  // namespace
}  // namespace valence
