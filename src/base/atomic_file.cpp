#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "valence/error.h"

namespace valence {

std::filesystem::path AtomicFile::partial_path(const std::filesystem::path& target) {
  return target.string() + ".partial";
}

AtomicFile::AtomicFile(std::filesystem::path target, Start start, std::uint64_t keep_bytes)
    : target_(std::move(target)),
      partial_(partial_path(target_)),
      keep_(start == Start::kResume),
      size_(keep_bytes) {
  descriptor_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("create");
  lock();
  const auto end = static_cast<off_t>(keep_ ? keep_bytes : 0);
  if (::ftruncate(descriptor_, end) != 0 || ::lseek(descriptor_, end, SEEK_SET) != end) {
    const int reason = errno;
    ::close(descriptor_);
    errno = reason;
    fail("cut");
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (!keep_) ::unlink(partial_.c_str());
}

// Two programs that write the same file would spoil each other's work.
void AtomicFile::lock() {
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(descriptor_);
  throw Error(ErrorCode::kIo, partial_.string() +
                                  " is being written by another program; wait for "
                                  "it, or choose another output file");
}

void AtomicFile::fail(const char* action) const {
  const int reason = errno;
  throw Error(ErrorCode::kIo, "cannot " + std::string(action) + " " + partial_.string() + ": " +
                                  std::strerror(reason) +
                                  (reason == ENOSPC ? "; free some space and try again" : ""));
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write");
    size_ += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::sync() {
  // Pipes and some file systems have nothing to sync.
  if (::fdatasync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) fail("save");
}

void AtomicFile::commit() {
  sync();
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("close");
  if (::rename(partial_.c_str(), target_.c_str()) != 0) {
    const int reason = errno;
    throw Error(ErrorCode::kIo, "cannot rename " + partial_.string() + " to " + target_.string() +
                                    ": " + std::strerror(reason));
  }
}

}  // namespace valence
