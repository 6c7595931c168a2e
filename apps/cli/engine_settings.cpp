#include "apps/cli/engine_settings.h"

#include <map>

namespace valence::cli {
namespace {

const std::map<std::string, Precision> kPrecisions{{"auto", Precision::kAuto},
                                                   {"int8", Precision::kInt8},
                                                   {"bf16", Precision::kBf16},
                                                   {"fp32", Precision::kFp32}};

}  // namespace

CLI::IsMember precision_names() {
  return CLI::IsMember(&kPrecisions);
}

void declare_engine(CLI::App& app, EngineSettings& settings) {
  app.add_option("--threads", settings.threads, "threads to compute with [all processors]")
      ->check(CLI::Range(1, 4096));
  app.add_flag("--pin-threads", settings.pin_threads, "keep each of them on one processor");
  app.add_option("--precision", settings.precision,
                 "of the layers' products; auto: int8 where the file has Q8_0, else fp32")
      ->capture_default_str()
      ->check(precision_names());
  app.add_option("--backend", settings.backend, "cpu, or reference: slow and plain")
      ->capture_default_str();
}

LoadOptions load_options_of(const EngineSettings& settings) {
  LoadOptions options;
  options.backend = settings.backend;
  options.precision = kPrecisions.at(settings.precision);
  options.threads = settings.threads;
  options.pin_threads = settings.pin_threads;
  return options;
}

}  // namespace valence::cli
