// Keys that clients have to show.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace valence::serve {

// A set of keys, held as their SHA-256. Immutable.
class Keys {
 public:
  Keys() = default;
  explicit Keys(const std::vector<std::string>& keys);

  bool empty() const { return digests_.empty(); }

  // Takes the same time whichever key is shown, and whichever of ours it is.
  bool has(std::string_view key) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest_of(std::string_view key);
  std::vector<Digest> digests_;
};

// "Bearer KEY": KEY; empty where the field says something else.
std::string_view bearer_key(std::string_view authorization);

// A key a line; blank lines and those that start with "#" are passed over. Throws Error: kNotFound,
// kInvalidArgument (no key in it).
std::vector<std::string> read_keys(const std::filesystem::path& path);

}  // namespace valence::serve
