// Counters, gauges and histograms in Prometheus' text format (version 0.0.4).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace valence::serve {

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// Counts values by the first bound that they do not exceed.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds);
  void observe(double value);

  std::span<const double> bounds() const { return bounds_; }
  std::uint64_t count_of(std::size_t bucket) const {  // bounds().size(): those above all bounds
    return counts_[bucket].load(std::memory_order_relaxed);
  }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;
  std::atomic<double> sum_ = 0;
};

// Bounds for times in seconds, and for numbers of tokens.
std::span<const double> second_bounds();
std::span<const double> token_bounds();
std::span<const double> share_bounds();  // between 0 and 1

// Labels of a time series, in order: {{"route", "predict"}, {"code", "200"}}.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// All metrics of a server. Thread-safe; what it hands out lives as long as it does.
class Metrics {
 public:
  Counter& counter(const std::string& name, const std::string& help,
                   const MetricLabels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help,
                       std::span<const double> bounds, const MetricLabels& labels = {});
  // `read` is called when the metrics are asked for.
  void gauge(const std::string& name, const std::string& help, std::function<double()> read);
  // Series with labels, made anew each time.
  using Series = std::vector<std::pair<MetricLabels, double>>;
  void gauges(const std::string& name, const std::string& help, std::function<Series()> read);

  std::string text() const;

 private:
  struct Family {
    std::string help, type;
    std::map<std::string, std::unique_ptr<Counter>> counters;  // by labels, as they are printed
    std::map<std::string, std::unique_ptr<Histogram>> histograms;
    std::function<Series()> read;
  };
  Family& family(const std::string& name, const std::string& help, const char* type);

  mutable std::mutex mutex_;
  std::map<std::string, Family> families_;
};

// Memory, descriptors and processor time of this process, under the names that Prometheus' clients
// give them.
void add_process_metrics(Metrics& metrics);

}  // namespace valence::serve
