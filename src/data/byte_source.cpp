#include "data/byte_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "valence/error.h"

namespace valence {
namespace {

[[noreturn]] void fail(const std::string& origin, int error) {
  throw Error(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
              "cannot read " + origin + ": " + std::strerror(error));
}

class FileSource final : public ByteSource {
 public:
  FileSource(int descriptor, std::string origin)
      : descriptor_(descriptor), origin_(std::move(origin)) {
    struct stat info {};
    regular_ = ::fstat(descriptor_, &info) == 0 && S_ISREG(info.st_mode);
    if (S_ISDIR(info.st_mode)) {
      close();
      fail(origin_, EISDIR);
    }
    if (regular_) total_ = static_cast<std::uint64_t>(info.st_size);
  }
  ~FileSource() override { close(); }

  std::size_t read(std::span<char> into) override {
    ssize_t count = -1;
    do count = ::read(descriptor_, into.data(), into.size());
    while (count < 0 && errno == EINTR);
    if (count < 0) fail(origin_, errno);
    consumed_ += static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(count);
  }

  bool ready() const override {
    if (regular_) return true;
    pollfd state{descriptor_, POLLIN, 0};
    return ::poll(&state, 1, 0) != 0;
  }

  std::uint64_t consumed() const override { return consumed_; }
  std::uint64_t total() const override { return total_; }

  bool starts_like_gzip() const {
    std::array<unsigned char, 2> head{};
    return regular_ && ::pread(descriptor_, head.data(), head.size(), 0) == 2 && head[0] == 0x1F &&
           head[1] == 0x8B;
  }

 private:
  void close() const {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }

  int descriptor_;
  std::string origin_;
  bool regular_ = false;
  std::uint64_t consumed_ = 0;
  std::uint64_t total_ = 0;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size() - consumed_);
    std::copy_n(bytes_.data() + consumed_, count, into.data());
    consumed_ += count;
    return count;
  }
  std::uint64_t consumed() const override { return consumed_; }
  std::uint64_t total() const override { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t consumed_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> open_source(const std::filesystem::path& path) {
  if (path == "-") return std::make_unique<FileSource>(STDIN_FILENO, "standard input");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(path.string(), errno);
  auto file = std::make_unique<FileSource>(descriptor, path.string());
  if (file->starts_like_gzip()) return gzip_source(std::move(file), path.string());
  return file;
}

std::unique_ptr<ByteSource> memory_source(std::string_view bytes) {
  return std::make_unique<MemorySource>(bytes);
}

}  // namespace valence
