// valence train: hands over to valence-train, the program that is linked with libtorch.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "apps/cli/command.h"
#include "apps/cli/own_arguments.h"
#include "apps/cli/train_settings.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = "valence-train";
constexpr const char* kHowToGet =
    "training needs the program valence-train, which is not there: it is built apart, because it "
    "needs libtorch. In the sources of valence: ./dev build train (it installs Debian's "
    "libtorch-dev); then put build/valence-train beside valence or into a folder of PATH";

// Beside this program, else in the folders of PATH; empty where there is none.
fs::path find_program() {
  std::error_code ignored;
  std::vector<fs::path> folders{fs::read_symlink("/proc/self/exe", ignored).parent_path()};
  const char* path = std::getenv("PATH");
  const std::string list = path == nullptr ? "" : path;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    if (end > begin) folders.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  for (const fs::path& folder : folders)
    if (::access((folder / kProgram).c_str(), X_OK) == 0) return folder / kProgram;
  return {};
}

int hand_over() {
  std::vector<std::string> arguments = own_arguments();
  // What is wrong is said here, whether or not training is installed.
  const auto parsed = parse_train_arguments(arguments);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  options_of(std::get<TrainSettings>(parsed));
  const fs::path program = find_program();
  if (program.empty()) throw Error(ErrorCode::kNotFound, kHowToGet);
  // libtorch's threads spin while they wait for one another, which makes them ten times slower
  // where other programs want the processors too; the setting is read when libgomp is loaded.
  ::setenv("OMP_WAIT_POLICY", "passive", /*replace=*/0);
  arguments.insert(arguments.begin(), program.string());
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  ::execv(program.c_str(), pointers.data());
  throw Error(ErrorCode::kIo, "cannot run " + program.string() + ": " + std::strerror(errno));
}

}  // namespace

// The options are declared for help and completion; what they say is read by parse_train_arguments,
// because a subcommand of CLI11 reads no --config file.
Action define_train(CLI::App& app) {
  const auto settings = std::make_shared<TrainSettings>();
  declare_options(app, *settings);
  for (CLI::Option* option : app.get_options()) option->required(false);
  return [settings] { return hand_over(); };
}

}  // namespace valence::cli
