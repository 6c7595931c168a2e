// Memory that a thread uses again and again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace valence::cpu {

// Who uses it; two that are in use at once need names of their own.
enum class Scratch : std::size_t { kDecoded, kPacked, kAttention, kCount };

inline constexpr std::size_t kCacheLine = 64;

// `count`, filled up to whole units.
template <typename T>
constexpr T whole(T count, T unit) {
  return (count + unit - 1) / unit * unit;
}

// Bytes on a cache line, grown and never given back; undefined content.
class AlignedBytes {
 public:
  AlignedBytes() = default;
  ~AlignedBytes() { release(); }
  AlignedBytes(const AlignedBytes&) = delete;
  AlignedBytes& operator=(const AlignedBytes&) = delete;

  std::byte* grow(std::size_t size) {
    if (size <= size_) return data_;
    release();
    data_ = static_cast<std::byte*>(::operator new (size, std::align_val_t{kCacheLine}));
    size_ = size;
    return data_;
  }
  std::byte* data() const { return data_; }

 private:
  void release() {
    ::operator delete (data_, std::align_val_t{kCacheLine});
    data_ = nullptr;
    size_ = 0;
  }

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Room for `count` values, of the calling thread alone; undefined content.
template <typename T>
std::span<T> thread_scratch(Scratch user, std::int64_t count) {
  thread_local std::array<AlignedBytes, static_cast<std::size_t>(Scratch::kCount)> buffers;
  const auto size = static_cast<std::size_t>(count);
  std::byte* bytes = buffers.at(static_cast<std::size_t>(user)).grow(size * sizeof(T));
  return {reinterpret_cast<T*>(bytes), size};
}

}  // namespace valence::cpu
