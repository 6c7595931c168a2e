// Requests in quantity, and how long each of them took.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "load/target.h"

namespace valence::load {

struct LoadPlan {
  Url url;  // with the path that requests go to
  std::string api_key;
  std::vector<std::string> bodies;  // sent in turn; not empty
  std::size_t connections = 1;
  std::chrono::duration<double> warm_up{1}, duration{10};
  std::chrono::duration<double> timeout{30};  // of a request
  // 0: closed loop, each connection sends its next request when it has its answer. Else: open loop,
  // this many requests a second are due at random moments (a Poisson process), whatever the server
  // does; the latency of one begins when it is due, also where it then waits for a connection.
  double rate = 0;
  bool verify_tls = true;
};

struct LoadReport {
  std::vector<float> latencies;                   // seconds, of good answers, in ascending order
  std::map<std::string, std::uint64_t> failures;  // by status, or what the connection said
  std::uint64_t requests = 0;                     // that were due in the time that is measured
  double seconds = 0;                             // that was measured
  double processor_seconds = 0;                   // that the generator itself took for it

  double rate() const { return static_cast<double>(latencies.size()) / seconds; }
  double latency(double share) const;  // the quantile by nearest rank; 0 where there are none
  double mean() const;
};

// Throws Error(kIo) where not one connection can be made.
LoadReport run_load(const LoadPlan& plan);

}  // namespace valence::load
