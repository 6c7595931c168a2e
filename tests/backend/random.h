// Repeatable random numbers for tests.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace valence {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  float normal(float scale = 1) { return scale * normal_(engine_); }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  std::vector<float> normals(std::int64_t count, float scale = 1) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = normal(scale);
    return values;
  }

 private:
  std::mt19937 engine_;
  std::normal_distribution<float> normal_;
};

}  // namespace valence
