// encoder_bench [THREADS [PRECISION]]: how long the encoder takes, beside what its arithmetic would
// take at the processor's peak.
//
// Prints one JSON object: for each shape and length, milliseconds a sentence (the median of
// interleaved samples, and the best) of a lone sentence that all threads share, and of batches of
// which each thread has its own; and the floor, from the peak that was probed in the same seconds:
// multiplications of the layers at the peak of int8, those of attention at half of it (16-bit
// floats), one cycle an exponential, 0.9 cycles an element of a norm, an activation or a
// quantization. `share` is the floor of all layers over the median, `best_share` that of the
// highest peak over the best time, `best_share_of_work` the same for what is really computed (the
// last layer for one token a sentence). `round_trip_ns` is how long a word takes from one thread to
// another and back, probed in the same seconds: where a hypervisor moves processors to different
// last-level caches it grows from some 60 to 350, and a lone sentence takes a fifth longer.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "backend/cpu/kernels.h"
#include "base/json.h"
#include "base/spin.h"
#include "base/thread_pool.h"
#include "model/random_network.h"
#include "peak_probe.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr int kSamples = 9;
constexpr double kSampleSeconds = 0.05;
constexpr double kPeakSeconds = 0.004;
constexpr double kOperationsOfACycle = 128;  // of int8 products, where the peak is probed
constexpr std::int64_t kVocabulary = 30522;
constexpr std::int64_t kWindow = 512;

struct Shape {
  const char* name;
  std::int64_t layers, hidden, heads;
};
constexpr Shape kShapes[] = {{"MiniLM-L6-H384", 6, 384, 12}, {"DistilBERT", 6, 768, 12}};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

RaggedBatch random_batch(std::size_t sentences, std::int64_t tokens) {
  std::minstd_rand engine;
  RaggedBatch batch;
  std::vector<std::int32_t> ids(static_cast<std::size_t>(tokens));
  for (std::size_t i = 0; i < sentences; ++i) {
    for (std::int32_t& id : ids) id = static_cast<std::int32_t>(engine() % kVocabulary);
    batch.append(ids, std::vector<std::uint8_t>(ids.size()));
  }
  return batch;
}

// Seconds at `peak` operations a second, all threads together.
double floor_of(const Shape& shape, std::int64_t tokens, double peak, bool all_of_last_layer) {
  const auto t = static_cast<double>(tokens);
  const auto h = static_cast<double>(shape.hidden);
  const auto layers = static_cast<double>(shape.layers);
  const auto heads = static_cast<double>(shape.heads);
  const double rows = all_of_last_layer ? layers * t : (layers - 1) * t + 1;
  const double products = 10 * h * h * rows + 2 * h * h * layers * t;  // all but k and v; k and v
  const double attention = 2 * h * t * rows;
  const double cycles = heads * t * rows + 0.9 * (7 * h * rows + h * t);
  return 2 * products / peak + 4 * attention / peak + cycles * kOperationsOfACycle / peak;
}

double probe(const Backend& backend, ThreadPool& pool) {
  // The floor's parts are in proportion to vectors, not to tiles.
  if (backend.name() != "cpu" || cpu::choose_kernels().name == "amx") return 0;
  std::vector<double> parts(pool.threads());
  pool.run_together(pool.threads(), [&](Team& team, std::size_t rank) {
    team.barrier();
    parts[rank] = probe_peak(cpu::Format::kInt8, cpu::choose_kernels().name, kPeakSeconds);
  });
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

// Seconds that a word takes from the first thread to the second and back; 0 with one thread.
double probe_round_trip(ThreadPool& pool) {
  constexpr int kTrips = 2000;
  std::atomic<int> word = 0;
  double seconds = 0;
  pool.run_together(std::min<std::size_t>(pool.threads(), 2), [&](Team& team, std::size_t rank) {
    if (team.size() < 2) return;
    team.barrier();
    const double start = now();
    for (int i = static_cast<int>(rank); i < 2 * kTrips; i += 2) {
      while (word.load(std::memory_order_acquire) != i) pause_briefly();
      word.store(i + 1, std::memory_order_release);
    }
    if (rank == 0) seconds = (now() - start) / kTrips;
  });
  return seconds;
}

class Measurement {
 public:
  Measurement(const Shape& shape, const RandomNetwork& model, const Backend& backend,
              ThreadPool& pool)
      : shape_(shape), network_(model.network()), backend_(backend), pool_(pool) {
    for (std::size_t i = 0; i < pool.threads(); ++i)
      workspaces_.push_back(backend.make_workspace());
  }

  Json measure(std::int64_t tokens) {
    const RaggedBatch lone = random_batch(1, tokens);
    const RaggedBatch many = random_batch(
        std::max<std::size_t>(1, network_.shape().batch_tokens / static_cast<std::size_t>(tokens)),
        tokens);
    const auto one_by_one = [&] { run(lone, 0, &pool_); };
    const auto batches = [&] {
      pool_.run_together(pool_.threads(),
                         [&](Team&, std::size_t rank) { run(many, rank, nullptr); });
    };
    std::vector<double> lone_times, batch_times, peaks, round_trips;
    for (int i = 0; i <= kSamples; ++i) {
      const double peak = probe(backend_, pool_);
      const double first = seconds_of(one_by_one);
      const double second =
          seconds_of(batches) / static_cast<double>(many.sequences() * pool_.threads());
      if (i == 0) continue;  // to warm up
      peaks.push_back(peak);
      round_trips.push_back(probe_round_trip(pool_));
      lone_times.push_back(first);
      batch_times.push_back(second);
    }
    return {{"tokens", tokens},
            {"peak_gops", median(peaks) / 1e9},
            {"round_trip_ns", median(round_trips) * 1e9},
            {"lone", describe(lone_times, tokens, peaks)},
            {"batch", describe(batch_times, tokens, peaks)}};
  }

 private:
  void run(const RaggedBatch& batch, std::size_t rank, ThreadPool* pool) {
    std::vector<float> logits(batch.sequences() * 3);
    network_.logits(batch, {logits.data(), static_cast<std::int64_t>(batch.sequences()), 3},
                    *workspaces_[rank], pool);
  }

  static double seconds_of(const std::function<void()>& work) {
    const double start = now();
    int times = 0;
    double spent = 0;
    do {
      work();
      ++times;
      spent = now() - start;
    } while (spent < kSampleSeconds);
    return spent / times;
  }

  // Of the medians, and of the best: what others on the machine take away is not ours.
  Json describe(const std::vector<double>& times, std::int64_t tokens,
                const std::vector<double>& peaks) const {
    const double time = median(times);
    const double best = *std::min_element(times.begin(), times.end());
    Json result{{"ms", time * 1e3}, {"best_ms", best * 1e3}};
    const double peak = median(peaks);
    if (peak <= 0) return result;
    const double highest = *std::max_element(peaks.begin(), peaks.end());
    result["share"] = floor_of(shape_, tokens, peak, true) / time;
    result["best_share"] = floor_of(shape_, tokens, highest, true) / best;
    result["best_share_of_work"] = floor_of(shape_, tokens, highest, false) / best;
    return result;
  }

  const Shape& shape_;
  const Network& network_;
  const Backend& backend_;
  ThreadPool& pool_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;
};

int run(std::size_t threads, Precision precision) {
  const std::unique_ptr<Backend> backend = make_backend("cpu", precision);
  ThreadPool pool(threads);
  Json results = Json::array();
  for (const Shape& shape : kShapes) {
    const RandomNetwork model(
        {shape.layers, shape.hidden, shape.hidden, shape.heads, kVocabulary, kWindow}, *backend);
    Measurement measurement(shape, model, *backend, pool);
    for (const std::int64_t tokens : {16, 32, 64, 128, 512}) {
      Json found = measurement.measure(tokens);
      found["model"] = shape.name;
      results.push_back(std::move(found));
    }
  }
  std::cout << Json{{"isa", cpu::choose_kernels().name},
                    {"threads", threads},
                    {"encoders", results}}
                   .dump(1)
            << "\n";
  return 0;
}

}  // namespace
}  // namespace valence

int main(int argc, char** argv) {
  std::size_t threads = 1;
  const std::string count = argc > 1 ? argv[1] : "1";
  std::from_chars(count.data(), count.data() + count.size(), threads);
  const std::string precision = argc > 2 ? argv[2] : "int8";
  try {
    return valence::run(std::max<std::size_t>(threads, 1), precision == "fp32"
                                                               ? valence::Precision::kFp32
                                                               : valence::Precision::kInt8);
  } catch (const valence::Error& error) {
    std::cerr << "encoder_bench: " << error.what() << "\n";
    return 1;
  }
}
