// product_bench [THREADS]: how fast the kernels multiply, in int8, bfloat16 and floats, beside what
// the processor can do at most.
//
// Prints one JSON object: for each format, shape and number of rows, billions of operations a
// second of processor time, and their share of the peak that was probed in the same seconds. Both
// are the best of interleaved samples: what else runs on the machine can only slow them down.
// VALENCE_ISA names another instruction set.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <iostream>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "backend/cpu/kernels.h"
#include "backend/cpu/packed_matrix.h"
#include "backend/cpu/scratch.h"
#include "base/json.h"
#include "base/thread_pool.h"
#include "peak_probe.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr int kSamples = 15;
constexpr double kSampleSeconds = 0.004;

struct Shape {
  std::int64_t in, out;
};
// The layers of MiniLM (384) and DistilBERT (768).
constexpr Shape kShapes[] = {{384, 384}, {384, 1536}, {1536, 384},
                             {768, 768}, {768, 3072}, {3072, 768}};

struct NamedFormat {
  const char* name;
  cpu::Format format;
  std::int64_t element_bytes;
};
constexpr NamedFormat kFormats[] = {{"int8", cpu::Format::kInt8, 1},
                                    {"bf16", cpu::Format::kBf16, 2},
                                    {"f32", cpu::Format::kF32, 4}};

// A product with random factors, ready to be computed again and again.
class Product {
 public:
  Product(const cpu::Kernels& kernels, const NamedFormat& format, Shape shape, std::int64_t rows)
      : multiply_(format.format == cpu::Format::kInt8   ? kernels.multiply_int8
                  : format.format == cpu::Format::kBf16 ? kernels.multiply_bf16
                                                        : kernels.multiply_f32),
        shape_(shape),
        rows_(rows),
        row_bytes_(shape.in * format.element_bytes) {
    std::mt19937 engine(1);
    fill(kernels, format.format, x_, rows * shape.in, engine);
    fill(kernels, format.format, weights_, shape.in * shape.out, engine);
    out_.grow(static_cast<std::size_t>(rows * shape.out) * sizeof(float));
  }

  double operations() const {
    return 2.0 * static_cast<double>(rows_) * static_cast<double>(shape_.in * shape_.out);
  }

  void compute(Share rows) const {
    const cpu::PackedRows part{x_.data() + rows.begin * row_bytes_, rows.size(), row_bytes_,
                               ones_.data(), zeros_.data()};
    const std::int64_t groups = row_bytes_ / cpu::kGroupBytes;
    const Matrix out(reinterpret_cast<float*>(out_.data()), rows_, shape_.out);
    for (std::int64_t n = 0; n < shape_.out; n += cpu::kPanel) {
      multiply_(part, {weights_.data() + n * row_bytes_, groups, ones_.data(), zeros_.data()}, {},
                out.rows_from(rows.begin, rows.size()).columns(n, cpu::kPanel));
    }
  }

  std::int64_t rows() const { return rows_; }

 private:
  static void fill(const cpu::Kernels& kernels, cpu::Format format, cpu::AlignedBytes& bytes,
                   std::int64_t size, std::mt19937& engine) {
    std::vector<float> values(static_cast<std::size_t>(size));
    for (float& value : values) value = static_cast<float>(static_cast<int>(engine() % 255) - 127);
    std::byte* data = bytes.grow(values.size() * sizeof(float));
    if (format == cpu::Format::kInt8)
      std::transform(values.begin(), values.end(), data,
                     [](float value) { return static_cast<std::byte>(static_cast<int>(value)); });
    else if (format == cpu::Format::kBf16)
      kernels.round_bf16(values, data);
    else
      std::memcpy(data, values.data(), values.size() * sizeof(float));
  }

  cpu::Multiply multiply_;
  Shape shape_;
  std::int64_t rows_, row_bytes_;
  cpu::AlignedBytes x_, weights_, out_;
  std::vector<float> ones_ = std::vector<float>(4096, 1.0F);
  std::vector<std::int32_t> zeros_ = std::vector<std::int32_t>(4096);
};

// Seconds that the processor has worked for the calling thread.
double processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Operations a second of a team that computes the product for about kSampleSeconds, in the
// processor time of the thread that takes longest.
double sample(const Product& product, ThreadPool& pool, std::int64_t times) {
  std::vector<double> spent(pool.threads());
  pool.run_together(pool.threads(), [&](Team& team, std::size_t rank) {
    const double start = processor_time();
    const Share share = share_of(product.rows(), rank, team.size());
    for (std::int64_t i = 0; i < times; ++i) {
      product.compute(share);
      team.barrier();
    }
    spent[rank] = processor_time() - start;
  });
  return static_cast<double>(times) * product.operations() /
         *std::max_element(spent.begin(), spent.end());
}

double peak_of(cpu::Format format, const cpu::Kernels& kernels, ThreadPool& pool) {
  std::vector<double> parts(pool.threads());
  pool.run_together(pool.threads(), [&](Team& team, std::size_t rank) {
    team.barrier();
    parts[rank] = probe_peak(format, kernels.name, kSampleSeconds);
  });
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

Json measure(const cpu::Kernels& kernels, const NamedFormat& format, Shape shape, std::int64_t rows,
             ThreadPool& pool) {
  const Product product(kernels, format, shape, rows);
  const double first = std::max(1e9, sample(product, pool, 1));
  const auto times = static_cast<std::int64_t>(kSampleSeconds * first / product.operations()) + 1;
  double found = 0;
  double peak = 0;
  for (int i = 0; i < kSamples; ++i) {
    peak = std::max(peak, peak_of(format.format, kernels, pool));
    found = std::max(found, sample(product, pool, times));
  }
  Json result{{"format", format.name},
              {"in", shape.in},
              {"out", shape.out},
              {"rows", rows},
              {"gops", found / 1e9}};
  if (peak > 0) {
    result["peak_gops"] = peak / 1e9;
    result["share"] = found / peak;
  }
  return result;
}

int run(std::size_t threads) {
  const cpu::Kernels& kernels = cpu::choose_kernels();
  ThreadPool pool(threads);
  Json results = Json::array();
  for (const NamedFormat& format : kFormats)
    for (const Shape shape : kShapes)
      for (const std::int64_t rows : {8, 16, 32, 64, 128, 512})
        results.push_back(measure(kernels, format, shape, rows, pool));
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
