// Where packed weights lie: in huge pages where the system gives them.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

namespace valence::cpu {

// A model's weights are swept again and again; with pages of 4 KiB their addresses alone fill the
// processor's tables. Nothing is given back before the end.
class WeightMemory {
 public:
  WeightMemory() = default;
  ~WeightMemory();
  WeightMemory(const WeightMemory&) = delete;
  WeightMemory& operator=(const WeightMemory&) = delete;

  // `size` bytes of zero, on a cache line. Throws std::bad_alloc. Thread-safe.
  std::byte* take(std::size_t size);

 private:
  struct Block {
    void* mapping;
    std::size_t size;
  };

  std::mutex mutex_;
  std::vector<Block> blocks_;
  std::byte* free_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace valence::cpu
