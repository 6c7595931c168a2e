// Little-endian values behind bytes that we write: the way back of byte_reader.h.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace valence {

static_assert(std::endian::native == std::endian::little, "files are written as memory lies");

template <typename T>
void append_all(std::string& out, std::span<const T> values) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

template <typename T>
void append(std::string& out, T value) {
  append_all(out, std::span<const T>(&value, 1));
}

// As GGUF has them: the number of bytes as a uint64, then the bytes.
inline void append_string(std::string& out, std::string_view text) {
  append(out, std::uint64_t{text.size()});
  out += text;
}

}  // namespace valence
