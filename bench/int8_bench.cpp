// int8_bench [THREADS]: how fast the int8 kernels multiply, beside what the processor can do at
// most.
//
// Prints one JSON object: for each shape and number of rows, billions of operations a second (the
// median of interleaved samples) and their share of the peak that was probed in the same seconds.
// VALENCE_ISA names another instruction set.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "backend/cpu/kernels.h"
#include "backend/cpu/scratch.h"
#include "base/json.h"
#include "base/thread_pool.h"
#include "peak_probe.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr std::size_t kSamples = 15;
constexpr double kSampleSeconds = 0.004;

struct Shape {
  std::int64_t in, out;
};
// The layers of MiniLM (384) and DistilBERT (768).
constexpr Shape kShapes[] = {{384, 384}, {384, 1536}, {1536, 384},
                             {768, 768}, {768, 3072}, {3072, 768}};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// A product with random bytes, ready to be computed again and again.
class Product {
 public:
  Product(const cpu::Kernels& kernels, Shape shape, std::int64_t rows)
      : kernels_(kernels), shape_(shape), rows_(rows) {
    std::mt19937 engine(1);
    fill(x_, rows * shape.in, engine);
    fill(weights_, shape.in * shape.out, engine);
    out_.grow(static_cast<std::size_t>(rows * shape.out) * sizeof(float));
  }

  double operations() const {
    return 2.0 * static_cast<double>(rows_) * static_cast<double>(shape_.in * shape_.out);
  }

  void compute(Share rows) const {
    const cpu::PackedRows part{x_.data() + rows.begin * shape_.in, rows.size(), shape_.in,
                               ones_.data(), zeros_.data()};
    const std::int64_t groups = shape_.in / cpu::kGroupBytes;
    const Matrix out(reinterpret_cast<float*>(out_.data()), rows_, shape_.out);
    for (std::int64_t n = 0; n < shape_.out; n += cpu::kPanel) {
      kernels_.multiply_int8(part,
                             {weights_.data() + n * shape_.in, groups, ones_.data(), zeros_.data()},
                             {}, out.rows_from(rows.begin, rows.size()).columns(n, cpu::kPanel));
    }
  }

  std::int64_t rows() const { return rows_; }

 private:
  static void fill(cpu::AlignedBytes& bytes, std::int64_t size, std::mt19937& engine) {
    std::byte* data = bytes.grow(static_cast<std::size_t>(size));
    for (std::int64_t i = 0; i < size; ++i)
      data[i] = static_cast<std::byte>(static_cast<int>(engine() % 255) - 127);
  }

  const cpu::Kernels& kernels_;
  Shape shape_;
  std::int64_t rows_;
  cpu::AlignedBytes x_, weights_, out_;
  std::vector<float> ones_ = std::vector<float>(4096, 1.0F);
  std::vector<std::int32_t> zeros_ = std::vector<std::int32_t>(4096);
};

// Operations a second of a team that computes the product for about kSampleSeconds.
double sample(const Product& product, ThreadPool& pool, std::int64_t times) {
  const auto start = std::chrono::steady_clock::now();
  pool.run_together(pool.threads(), [&](Team& team, std::size_t rank) {
    const Share share = share_of(product.rows(), rank, team.size());
    for (std::int64_t i = 0; i < times; ++i) {
      product.compute(share);
      team.barrier();
    }
  });
  const double spent =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return static_cast<double>(times) * product.operations() / spent;
}

double peak_of(const cpu::Kernels& kernels, ThreadPool& pool) {
  std::vector<double> parts(pool.threads());
  pool.run_together(pool.threads(), [&](Team& team, std::size_t rank) {
    team.barrier();
    parts[rank] = probe_int8(kernels.name, kSampleSeconds);
  });
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

Json measure(const cpu::Kernels& kernels, Shape shape, std::int64_t rows, ThreadPool& pool) {
  const Product product(kernels, shape, rows);
  const double first = std::max(1e9, sample(product, pool, 1));
  const auto times = static_cast<std::int64_t>(kSampleSeconds * first / product.operations()) + 1;
  std::vector<double> found;
  std::vector<double> peaks;
  for (std::size_t i = 0; i < kSamples; ++i) {
    peaks.push_back(peak_of(kernels, pool));
    found.push_back(sample(product, pool, times));
  }
  const double peak = median(peaks);
  Json result{{"in", shape.in}, {"out", shape.out}, {"rows", rows}, {"gops", median(found) / 1e9}};
  if (peak > 0) {
    result["peak_gops"] = peak / 1e9;
    result["share"] = median(found) / peak;
  }
  return result;
}

int run(std::size_t threads) {
  const cpu::Kernels& kernels = cpu::choose_kernels();
  ThreadPool pool(threads);
  Json results = Json::array();
  for (const Shape shape : kShapes)
    for (const std::int64_t rows : {8, 16, 32, 64, 128, 512})
      results.push_back(measure(kernels, shape, rows, pool));
  std::cout << Json{{"isa", kernels.name}, {"threads", threads}, {"products", results}}.dump(1)
            << '\n';
  return 0;
}

}  // namespace
}  // namespace valence

int main(int argc, char** argv) {
  try {
    std::size_t threads = 1;
    if (argc > 1)
      std::from_chars(argv[1], argv[1] + std::char_traits<char>::length(argv[1]), threads);
    return valence::run(std::max<std::size_t>(threads, 1));
  } catch (const valence::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
