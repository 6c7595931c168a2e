// A file mapped read-only into memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace valence {

// Read-only for its whole life, so any number of threads may read. The bytes stay valid until
// destruction. A file that another program truncates while it is mapped raises SIGBUS on access:
// replace model files by rename.
class MappedFile {
 public:
  // Throws Error: kNotFound where there is no such file, kIo where it cannot be read or is a
  // directory.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace valence
