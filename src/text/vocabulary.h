// Token strings to ids and back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace valence {

// Borrows the strings of `tokens`, which must outlive it. An empty string is an id without a token.
// The last of equal tokens wins. Immutable.
class Vocabulary {
 public:
  explicit Vocabulary(std::span<const std::string> tokens);

  std::optional<std::int32_t> find(std::string_view token) const;
  std::string_view token(std::int32_t id) const;  // requires 0 <= id < size()
  std::size_t size() const { return tokens_.size(); }
  std::size_t count() const { return count_; }  // of ids that have a token

 private:
  std::span<const std::string> tokens_;
  std::unordered_map<std::string_view, std::int32_t> ids_;
  std::size_t count_ = 0;
};

}  // namespace valence
