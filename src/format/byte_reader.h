// Little-endian values out of a span of bytes that somebody else wrote.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "valence/error.h"

namespace valence {

static_assert(std::endian::native == std::endian::little, "files are read as they lie in memory");

// Knows what remains: a read beyond the end throws Error(kCorrupt) naming origin and byte offset.
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string_view origin)
      : bytes_(bytes), origin_(origin) {}

  std::uint64_t position() const { return position_; }
  std::uint64_t remaining() const { return bytes_.size() - position_; }

  // A number; `what` names it in the message.
  template <typename T>
  T read(std::string_view what) {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
    return value;
  }

  std::span<const std::byte> take(std::uint64_t count, std::string_view what) {
    if (count > remaining())
      fail(std::string(what) + " needs " + std::to_string(count) + " bytes, but only " +
           std::to_string(remaining()) + " are left; the file is cut off or damaged");
    const auto part = bytes_.subspan(position_, count);
    position_ += count;
    return part;
  }

  std::string_view take_text(std::uint64_t count, std::string_view what) {
    const auto part = take(count, what);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }

  [[noreturn]] void fail(std::string_view what, ErrorCode code = ErrorCode::kCorrupt) const {
    throw Error(code, std::string(origin_) + ": at byte " + std::to_string(position_) + ": " +
                          std::string(what));
  }

 private:
  std::span<const std::byte> bytes_;
  std::string_view origin_;
  std::uint64_t position_ = 0;
};

}  // namespace valence
