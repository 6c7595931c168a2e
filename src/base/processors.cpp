#include "base/processors.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

namespace valence {
namespace {

// cgroup v2: "max 100000" or "<quota> <period>" in microseconds.
std::size_t processors_by_quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return SIZE_MAX;
  const double processors = std::strtod(quota.c_str(), nullptr) / period;
  return processors >= 1 ? static_cast<std::size_t>(std::lround(processors)) : 1;
}

}  // namespace

std::size_t available_processors() {
  std::size_t count = std::max(1U, std::thread::hardware_concurrency());
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    count = std::max<std::size_t>(1, static_cast<std::size_t>(CPU_COUNT(&set)));
  return std::min(count, processors_by_quota());
}

void stay_on_processor(std::size_t index) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) == 0) return;
  std::size_t left = index % static_cast<std::size_t>(CPU_COUNT(&allowed));
  std::size_t processor = 0;
  for (;; ++processor)
    if (CPU_ISSET(processor, &allowed) && left-- == 0) break;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  pthread_setaffinity_np(pthread_self(), sizeof one, &one);
}

std::size_t second_level_cache_bytes() {
#if defined(_SC_LEVEL2_CACHE_SIZE)
  return static_cast<std::size_t>(std::max(0L, sysconf(_SC_LEVEL2_CACHE_SIZE)));
#else
  return 0;
#endif
}

}  // namespace valence
