#include "serve/auth.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cctype>

#include "base/mapped_file.h"
#include "valence/error.h"

namespace valence::serve {
namespace {

constexpr std::string_view kScheme = "bearer ";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace

Keys::Keys(const std::vector<std::string>& keys) {
  digests_.reserve(keys.size());
  for (const std::string& key : keys) digests_.push_back(digest_of(key));
}

Keys::Digest Keys::digest_of(std::string_view key) {
  Digest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  return digest;
}

bool Keys::has(std::string_view key) const {
  const Digest shown = digest_of(key);
  unsigned found = 0;
  for (const Digest& digest : digests_)
    found |= static_cast<unsigned>(CRYPTO_memcmp(digest.data(), shown.data(), digest.size()) == 0);
  return found != 0;
}

std::string_view bearer_key(std::string_view authorization) {
  if (authorization.size() < kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(authorization[i])) != kScheme[i]) return {};
  return trimmed(authorization.substr(kScheme.size()));
}

std::vector<std::string> read_keys(const std::filesystem::path& path) {
  const MappedFile file(path);
  std::vector<std::string> keys;
  std::string_view rest = file.text();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    if (!line.empty() && line.front() != '#') keys.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (keys.empty())
    throw Error(ErrorCode::kInvalidArgument,
                path.string() + ": holds no key; a key a line is expected");
  return keys;
}

}  // namespace valence::serve
