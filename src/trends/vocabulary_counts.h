// How often terms stand in several bodies of text, in bounded memory.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace valence {

class VocabularyCounts {
 public:
  // Beyond `most` terms those met least often are forgotten (Manku and Motwani 2002).
  explicit VocabularyCounts(std::size_t most = 200'000) : most_(most) {}

  // Once more in each of these bodies.
  void add(std::string_view term, std::span<const std::uint32_t> bodies);

  // By body, in ascending order; bodies without the term are not there.
  using Counts = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Terms = absl::flat_hash_map<std::string, Counts, Hash, std::equal_to<>>;
  const Terms& terms() const { return terms_; }

  // Lets go of terms that are met less often than this.
  void keep_at_least(std::uint64_t count);

  static std::uint64_t count_in(const Counts& counts, std::uint32_t first, std::uint32_t last);
  bool forgot() const { return forgot_; }  // for want of room

 private:
  static void count(Counts& counts, std::uint32_t body);
  void forget();

  std::size_t most_;
  bool forgot_ = false;
  Terms terms_;
};

}  // namespace valence
