#include "base/temporary_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "valence/error.h"

namespace valence {
namespace {

[[noreturn]] void fail(const char* action, const std::string& where) {
  const int reason = errno;
  throw Error(ErrorCode::kIo, "cannot " + std::string(action) + " a temporary file in " + where +
                                  ": " + std::strerror(reason) +
                                  "; the environment variable TMPDIR names another folder");
}

std::string folder() {
  std::error_code none;
  const std::filesystem::path path = std::filesystem::temp_directory_path(none);
  return none ? "/tmp" : path.string();
}

}  // namespace

TemporaryFile::TemporaryFile() {
  std::string name = folder() + "/valence-XXXXXX";
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) fail("make", folder());
  ::unlink(name.c_str());
}

TemporaryFile::~TemporaryFile() {
  ::close(descriptor_);
}

void TemporaryFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", folder());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string TemporaryFile::path() const {
  return "/proc/self/fd/" + std::to_string(descriptor_);
}

}  // namespace valence
