#include "apps/cli/bench_report.h"

#include <array>
#include <cmath>

#include "apps/cli/text_table.h"
#include "base/json.h"

namespace valence::cli {
namespace {

struct Quantile {
  const char* name;
  double share;
};
constexpr auto kQuantiles = std::to_array<Quantile>(
    {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}});

std::string milliseconds(double seconds) {
  return fixed(seconds * 1000, 3) + " ms";
}

nlohmann::ordered_json latencies_of(const load::LoadReport& report) {
  nlohmann::ordered_json json{{"mean", report.mean() * 1000}};
  for (const Quantile& quantile : kQuantiles)
    json[quantile.name] = report.latency(quantile.share) * 1000;
  return json;
}

void add_latencies(const load::LoadReport& report, TextTable& table) {
  table.add({"latency, mean", milliseconds(report.mean())});
  for (const Quantile& quantile : kQuantiles)
    table.add(
        {std::string("latency, ") + quantile.name, milliseconds(report.latency(quantile.share))});
}

load::LoadReport as_load(const EngineReport& report) {
  load::LoadReport load;
  load.latencies = report.latencies;
  return load;
}

}  // namespace

std::string bench_text(const load::LoadPlan& plan, const load::LoadReport& report,
                       std::size_t texts_per_request) {
  TextTable table;
  table.add({"load", plan.rate > 0 ? "open loop, " + fixed(plan.rate, 1) + " requests/s due"
                                   : "closed loop"});
  table.add({"connections", std::to_string(plan.connections)});
  table.add({"measured", fixed(report.seconds, 2) + " s"});
  table.add({"requests", std::to_string(report.requests)});
  table.add({"answered", fixed(report.rate(), 1) + " requests/s"});
  if (texts_per_request > 1)
    table.add({"", fixed(report.rate() * static_cast<double>(texts_per_request), 1) + " texts/s"});
  add_latencies(report, table);
  table.add({"generator's processor time",
             fixed(100 * report.processor_seconds / report.seconds, 1) + " % of one"});
  for (const auto& [why, count] : report.failures)
    table.add({"failed: " + why, std::to_string(count)});
  return table.text();
}

std::string bench_json(const load::LoadPlan& plan, const load::LoadReport& report,
                       std::size_t texts_per_request) {
  const nlohmann::ordered_json json{
      {"loop", plan.rate > 0 ? "open" : "closed"},
      {"rate_due", plan.rate},
      {"connections", plan.connections},
      {"seconds", report.seconds},
      {"requests", report.requests},
      {"requests_per_second", report.rate()},
      {"texts_per_second", report.rate() * static_cast<double>(texts_per_request)},
      {"latency_ms", latencies_of(report)},
      {"failures", report.failures},
      {"generator_processor_seconds", report.processor_seconds}};
  return json.dump(2) + "\n";
}

std::string engine_text(const EngineReport& report) {
  TextTable table;
  table.add({"texts", std::to_string(report.texts)});
  table.add({"all in one call", fixed(report.texts_per_second, 1) + " texts/s"});
  table.add({"one by one", fixed(report.single_per_second, 1) + " texts/s"});
  add_latencies(as_load(report), table);
  return table.text();
}

std::string engine_json(const EngineReport& report) {
  const nlohmann::ordered_json json{{"texts", report.texts},
                                    {"texts_per_second", report.texts_per_second},
                                    {"single_texts_per_second", report.single_per_second},
                                    {"latency_ms", latencies_of(as_load(report))}};
  return json.dump(2) + "\n";
}

}  // namespace valence::cli
