// Where the bytes of a row stream come from: a file, standard input, gzip over either, memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace valence {

// Read once, from front to end, by one thread at a time.
class ByteSource {
 public:
  ByteSource() = default;
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Fills the front of `into` (not empty) and returns how many bytes that were; 0 is the end.
  // Throws Error: kIo where the system refuses, kCorrupt where compressed data are damaged.
  virtual std::size_t read(std::span<char> into) = 0;

  // False when read() would wait for whoever writes into a pipe or types at a terminal.
  virtual bool ready() const { return true; }

  virtual std::uint64_t consumed() const = 0;  // bytes taken so far, compressed ones where they are
  virtual std::uint64_t total() const = 0;     // what consumed() ends with; 0: not known
};

// Opens a file, or standard input where the path is "-"; a regular file that starts like gzip is
// decompressed. Throws Error: kNotFound, kIo.
std::unique_ptr<ByteSource> open_source(const std::filesystem::path& path);

// Borrows the bytes.
std::unique_ptr<ByteSource> memory_source(std::string_view bytes);

// What `inner` yields, decompressed; several gzip members follow each other as one. `origin` is for
// errors.
std::unique_ptr<ByteSource> gzip_source(std::unique_ptr<ByteSource> inner, std::string origin);

}  // namespace valence
