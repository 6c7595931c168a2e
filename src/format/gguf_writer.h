// Writes GGUF version 3 as a container.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/tensor.h"
#include "format/gguf.h"

namespace valence {

// Keys and tensors appear in the order in which they are added; every name once. Not thread-safe.
class GgufWriter {
 public:
  // Fills `out` with the tensor's elements from `begin` on, in the type it is written as. Called
  // with begins that are multiples of 32, in order.
  using Fill = std::function<void(std::int64_t begin, std::span<std::byte> out)>;

  void add_u32(std::string_view key, std::uint32_t value);
  void add_f32(std::string_view key, float value);
  void add_bool(std::string_view key, bool value);
  void add_string(std::string_view key, std::string_view value);
  void add_strings(std::string_view key, std::span<const std::string> values);
  void add_i8s(std::string_view key, std::string_view bytes);
  void add_i32s(std::string_view key, std::span<const std::int32_t> values);
  void add_f32s(std::string_view key, std::span<const float> values);
  void add_f64s(std::string_view key, std::span<const double> values);

  // `shape` is outermost first. Throws Error(kInvalidArgument) for a shape that GGUF cannot hold.
  void add_tensor(std::string_view name, DType type, std::span<const std::int64_t> shape,
                  Fill fill);

  // Streams the file, a few hundred kilobytes at a time; it appears when it is complete. Throws
  // Error(kIo), and what a Fill throws.
  void write(const std::filesystem::path& path) const;

 private:
  struct Entry {
    DType type;
    std::int64_t count;
    Fill fill;
  };

  void begin_key(std::string_view key, GgufType type);
  void begin_array(std::string_view key, GgufType element, std::size_t count);

  std::string metadata_;  // as it lies in the file
  std::uint64_t keys_ = 0;
  std::string infos_;
  std::vector<Entry> tensors_;
  std::uint64_t offset_ = 0;  // of the next tensor
};

}  // namespace valence
