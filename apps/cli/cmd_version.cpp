// valence version: what runs here, for reports of problems.
#include <cstdio>

#include "apps/cli/command.h"
#include "backend/cpu/kernels.h"
#include "base/processors.h"

namespace valence::cli {

Action define_version(CLI::App& /*app*/) {
  return [] {
    std::printf("valence %s\ninstruction set %s\nprocessors %zu\n", VALENCE_VERSION,
                std::string(cpu::choose_kernels().name).c_str(), available_processors());
    return kOk;
  };
}

}  // namespace valence::cli
