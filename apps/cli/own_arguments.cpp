#include "apps/cli/own_arguments.h"

#include <fstream>

#include "valence/error.h"

namespace valence::cli {

std::vector<std::string> own_arguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
  if (arguments.size() < 2) throw Error(ErrorCode::kIo, "cannot read /proc/self/cmdline");
  arguments.erase(arguments.begin(), arguments.begin() + 2);
  return arguments;
}

}  // namespace valence::cli
