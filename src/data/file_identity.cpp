#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/mapped_file.h"
#include "data/ledger.h"
#include "valence/error.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashedBytes = std::size_t{1} << 16;  // at each end of a file

std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash = 0xCBF29CE484222325U) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

Json one_file(const fs::path& path) {
  const MappedFile file(path);
  const std::string_view text = file.text();
  const std::size_t tail = text.size() - std::min(text.size(), kHashedBytes);
  const auto changed = fs::last_write_time(path).time_since_epoch();
  return {{"size", text.size()},
          {"changed", std::chrono::duration_cast<std::chrono::nanoseconds>(changed).count()},
          {"hash", fnv1a(text.substr(tail), fnv1a(text.substr(0, kHashedBytes)))}};
}

}  // namespace

Json file_identity(const fs::path& path) {
  try {
    if (!fs::is_directory(path)) return one_file(path);
    Json files = Json::object();
    for (const fs::directory_entry& entry : fs::directory_iterator(path))
      if (entry.is_regular_file()) files[entry.path().filename().string()] = one_file(entry.path());
    return files;
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorCode::kIo, "cannot read " + path.string() + ": " + error.code().message());
  }
}

}  // namespace valence
