// A file that appears under its name only when it is complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace valence {

// Writes go to `PATH.partial` beside the target, in order and without buffering. Not thread-safe.
// Every failure (disk full, no permission, another program that writes the same file) throws
// Error(kIo) naming the file.
class AtomicFile {
 public:
  enum class Start {
    kEmpty,   // an older partial file is overwritten; ours is removed unless committed
    kResume,  // an older partial file is kept and cut to `keep_bytes`; ours stays when not
              // committed
  };

  explicit AtomicFile(std::filesystem::path target, Start start = Start::kEmpty,
                      std::uint64_t keep_bytes = 0);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  void sync();    // returns when what was written is on the disk
  void commit();  // sync, then rename over the target; the last call

  std::uint64_t size() const { return size_; }  // bytes in the partial file
  const std::filesystem::path& target() const { return target_; }

  static std::filesystem::path partial_path(const std::filesystem::path& target);

 private:
  void lock();
  [[noreturn]] void fail(const char* action) const;

  std::filesystem::path target_;
  std::filesystem::path partial_;
  bool keep_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace valence
