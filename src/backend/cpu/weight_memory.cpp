#include "backend/cpu/weight_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include "backend/cpu/scratch.h"

namespace valence::cpu {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kBlock = 4 * kHugePage;

}  // namespace

WeightMemory::~WeightMemory() {
  for (const Block& block : blocks_) ::munmap(block.mapping, block.size);
}

std::byte* WeightMemory::take(std::size_t size) {
  if (size > PTRDIFF_MAX - 2 * kBlock) throw std::bad_alloc();
  size = whole(size, kCacheLine);
  const std::lock_guard lock(mutex_);
  if (size > left_) {
    const std::size_t wanted = std::max(kBlock, whole(size, kHugePage));
    const std::size_t mapped = wanted + kHugePage;  // to begin on a huge page
    void* mapping =
        ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) throw std::bad_alloc();
    blocks_.push_back({mapping, mapped});
    const auto address = reinterpret_cast<std::uintptr_t>(mapping);
    free_ = static_cast<std::byte*>(mapping) + (whole(address, kHugePage) - address);
    left_ = wanted;
    ::madvise(free_, wanted, MADV_HUGEPAGE);  // a wish
  }
  std::byte* taken = free_;
  free_ += size;
  left_ -= size;
  return taken;
}

}  // namespace valence::cpu
