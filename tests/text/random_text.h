// Texts that tokenizers have trouble with; the same ones for the same seed.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace valence {

class RandomText {
 public:
  explicit RandomText(std::uint32_t seed) : random_(seed) {}

  std::string next();

 private:
  std::size_t below(std::size_t count) { return random_() % count; }
  std::string_view any_of(const std::vector<std::string_view>& list);
  std::string part();

  std::mt19937 random_;
};

}  // namespace valence
