// Eight bytes of a text looked at together, as one number.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace valence {

static_assert(std::endian::native == std::endian::little, "a block's first byte is its lowest");

// One answer for each byte of a block: its highest bit.
using ByteFlags = std::uint64_t;
inline constexpr std::size_t kBlock = sizeof(std::uint64_t);
inline constexpr std::uint64_t kEveryByte = 0x0101010101010101;
inline constexpr ByteFlags kAllFlags = 0x80 * kEveryByte;

// The bytes from `pos` on; zeros behind the end of the text.
inline std::uint64_t load_block(std::string_view text, std::size_t pos) {
  std::uint64_t block = 0;
  if (pos + kBlock <= text.size())
    std::memcpy(&block, text.data() + pos, kBlock);
  else if (pos < text.size())
    std::memcpy(&block, text.data() + pos, text.size() - pos);
  return block;
}

// Which bytes are in [low, high], both ASCII.
inline ByteFlags bytes_between(std::uint64_t block, unsigned char low, unsigned char high) {
  const std::uint64_t low_bits = block & ~kAllFlags;
  const std::uint64_t at_least = low_bits + (0x80U - low) * kEveryByte;
  const std::uint64_t above = low_bits + (0x7FU - high) * kEveryByte;
  return at_least & ~above & ~block & kAllFlags;
}

inline ByteFlags ascii_letters(std::uint64_t block) {
  return bytes_between(block | 0x20 * kEveryByte, 'a', 'z');
}

inline ByteFlags ascii_letters_and_digits(std::uint64_t block) {
  return ascii_letters(block) | bytes_between(block, '0', '9');
}

// ASCII capitals become small; all other bytes stay.
inline std::uint64_t lower_case_block(std::uint64_t block) {
  return block | (bytes_between(block, 'A', 'Z') >> 2);
}

// The end of the run of bytes from `pos` on that `flags_of(block)` marks. Zeros must not be marked.
template <typename FlagsOf>
std::size_t end_of_run(std::string_view text, std::size_t pos, FlagsOf flags_of) {
  for (;; pos += kBlock) {
    const ByteFlags others = ~flags_of(load_block(text, pos)) & kAllFlags;
    if (others != 0) return pos + static_cast<std::size_t>(std::countr_zero(others)) / 8;
  }
}

}  // namespace valence
