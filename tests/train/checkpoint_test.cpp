#include "train/checkpoint.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "format/support.h"

namespace valence::train {
namespace {

// Folders with files in them: PyPI's libtorch brings a remove_all that cannot remove those.
TEST_CASE("a run begins in an empty folder and removes it with what is in it") {
  const TemporaryFolder folder;
  const Checkpoints checkpoints(folder.path());
  const std::filesystem::path last = checkpoints.folder() / "last.pt";
  CHECK_FALSE(checkpoints.exists());
  checkpoints.begin({{"--seed", 1}});
  std::ofstream(last) << "of the first run";
  checkpoints.begin({{"--seed", 2}});
  CHECK(checkpoints.identity() == Json({{"--seed", 2}}));
  CHECK_FALSE(std::filesystem::exists(last));
  std::ofstream(last) << "of the second run";
  checkpoints.remove();
  CHECK_FALSE(std::filesystem::exists(checkpoints.folder()));
}

}  // namespace
}  // namespace valence::train
