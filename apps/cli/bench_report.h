// What valence bench found, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "load/generator.h"

namespace valence::cli {

struct EngineReport {
  std::size_t texts = 0;
  double texts_per_second = 0;   // all in one call
  double single_per_second = 0;  // one by one
  std::vector<float> latencies;  // seconds of each single one, in ascending order
};

std::string bench_text(const load::LoadPlan& plan, const load::LoadReport& report,
                       std::size_t texts_per_request);
std::string bench_json(const load::LoadPlan& plan, const load::LoadReport& report,
                       std::size_t texts_per_request);
std::string engine_text(const EngineReport& report);
std::string engine_json(const EngineReport& report);

}  // namespace valence::cli
