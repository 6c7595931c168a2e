// valence-train: what `valence train` runs. A program of its own, because it needs libtorch.
#include <cstdio>
#include <filesystem>
#include <limits>
#include <variant>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "apps/cli/command.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/terminal.h"
#include "apps/cli/train_settings.h"
#include "apps/cli/weight_types.h"
#include "apps/train/console.h"
#include "format/model_file.h"
#include "model/export_gguf.h"
#include "train/trainer.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

// Each step asks for the same large tensors again: memory given back to the system in between costs
// a page fault for every 4 KiB of them, an eighth of the time.
void keep_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

int run(const TrainSettings& settings) {
  const train::TrainOptions options = options_of(settings);
  Console console(settings.quiet, is_terminal(stderr) && !settings.no_progress);
  const Interrupt interrupt;
  const train::TrainResult result = train::train(options, console);
  console.clear();
  if (result.stopped) {
    console.say("stopped after step " + std::to_string(result.steps) +
                "; the same command with --resume goes on");
    return 128 + Interrupt::signal();
  }
  std::string summary =
      options.output.string() + ": trained " + std::to_string(result.steps) + " steps";
  if (!result.figures.empty())
    summary += "; best after step " + std::to_string(result.best_step) + ": " +
               figures_text(result.figures);
  console.say(summary);
  if (!settings.gguf.empty()) {
    const std::filesystem::path gguf = options.output / "model.gguf";
    export_gguf(open_model_file(options.output), gguf, kWeightTypes.at(settings.gguf));
    console.say("wrote " + gguf.string());
  }
  return kOk;
}

int start(int argc, char** argv) {
  const auto parsed = parse_train_arguments({argv + 1, argv + argc});
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  keep_memory();
  return run(std::get<TrainSettings>(parsed));
}

}  // namespace
}  // namespace valence::cli

int main(int argc, char** argv) {
  return valence::cli::guarded([&] { return valence::cli::start(argc, argv); });
}
