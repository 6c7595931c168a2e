#include "serve/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace valence::serve {
namespace {

constexpr std::array kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                              0.25,   0.5,   1.0,    2.5,   5.0,  10.0,  30.0};
constexpr std::array kTokens{8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0, 16384.0};
constexpr std::array kShares{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0};

std::string number(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (std::isnan(value)) return "NaN";
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.12g", value);
  return text.data();
}

// In label values, backslash, quote and line break are escaped.
std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\\' || c == '"')
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

// `route="predict",code="200"`.
std::string text_of(const MetricLabels& labels) {
  std::string text;
  for (const auto& [name, value] : labels)
    text += (text.empty() ? "" : ",") + name + "=\"" + escaped(value) + "\"";
  return text;
}

std::string braced(const std::string& labels) {
  return labels.empty() ? "" : "{" + labels + "}";
}

void append(const std::string& name, const std::string& labels, const Histogram& histogram,
            std::string& out) {
  const std::string prefix = labels.empty() ? "" : labels + ",";
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
    sum += histogram.count_of(i);
    const bool last = i == histogram.bounds().size();
    out += name + "_bucket{" + prefix + "le=\"" + (last ? "+Inf" : number(histogram.bounds()[i])) +
           "\"} " + std::to_string(sum) + "\n";
  }
  out += name + "_sum" + braced(labels) + " " + number(histogram.sum()) + "\n";
  out += name + "_count" + braced(labels) + " " + std::to_string(sum) + "\n";
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return 0;
  return static_cast<double>(std::distance(begin(files), end(files)));
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), counts_(bounds.size() + 1) {}

void Histogram::observe(double value) {
  const auto place = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<std::size_t>(place)].fetch_add(1, std::memory_order_relaxed);
  double sum = sum_.load(std::memory_order_relaxed);
  while (!sum_.compare_exchange_weak(sum, sum + value, std::memory_order_relaxed)) continue;
}

std::span<const double> second_bounds() {
  return kSeconds;
}

std::span<const double> token_bounds() {
  return kTokens;
}

std::span<const double> share_bounds() {
  return kShares;
}

Metrics::Family& Metrics::family(const std::string& name, const std::string& help,
                                 const char* type) {
  Family& found = families_[name];
  found.help = help;
  found.type = type;
  return found;
}

Counter& Metrics::counter(const std::string& name, const std::string& help,
                          const MetricLabels& labels) {
  const std::lock_guard lock(mutex_);
  auto& entry = family(name, help, "counter").counters[text_of(labels)];
  if (!entry) entry = std::make_unique<Counter>();
  return *entry;
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help,
                              std::span<const double> bounds, const MetricLabels& labels) {
  const std::lock_guard lock(mutex_);
  auto& entry = family(name, help, "histogram").histograms[text_of(labels)];
  if (!entry) entry = std::make_unique<Histogram>(bounds);
  return *entry;
}

void Metrics::gauge(const std::string& name, const std::string& help,
                    std::function<double()> read) {
  gauges(name, help, [read = std::move(read)] { return Series{{{}, read()}}; });
}

void Metrics::gauges(const std::string& name, const std::string& help,
                     std::function<Series()> read) {
  const std::lock_guard lock(mutex_);
  family(name, help, "gauge").read = std::move(read);
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + family.help + "\n# TYPE " + name + " " + family.type + "\n";
    for (const auto& [labels, counter] : family.counters)
      out += name + braced(labels) + " " + std::to_string(counter->value()) + "\n";
    for (const auto& [labels, histogram] : family.histograms) append(name, labels, *histogram, out);
    if (!family.read) continue;
    for (const auto& [labels, value] : family.read())
      out += name + braced(text_of(labels)) + " " + number(value) + "\n";
  }
  return out;
}

void add_process_metrics(Metrics& metrics) {
  using std::chrono::duration;
  using std::chrono::system_clock;
  const double start = duration<double>(system_clock::now().time_since_epoch()).count();
  metrics.gauge("process_resident_memory_bytes", "Memory that is in use.", resident_bytes);
  metrics.gauge("process_open_fds", "Open files and sockets.", open_descriptors);
  metrics.gauge("process_cpu_seconds_total", "Processor time, all threads together.", cpu_seconds);
  metrics.gauge("process_start_time_seconds", "When the server began, in Unix time.",
                [start] { return start; });
}

}  // namespace valence::serve
