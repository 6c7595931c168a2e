// What a long run has safely on the disk, so that it can go on after it was killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/json.h"

namespace valence {

// Kept in OUT.progress beside OUT.partial. The first `output_bytes` bytes of OUT.partial are the
// finished part of the output, made from the first `rows` rows of the input.
struct Ledger {
  Json identity;  // an object: what the output depends on; what a run must share to go on
  std::uint64_t rows = 0;
  std::uint64_t output_bytes = 0;
  Json tally;  // the caller's counts over those rows

  static std::filesystem::path path_for(const std::filesystem::path& output);

  // Nothing where there is no ledger. Throws Error(kCorrupt) where it is damaged.
  static std::optional<Ledger> load(const std::filesystem::path& output);

  // Replaces the ledger in one step. The bytes of the output must be on the disk before.
  void save(const std::filesystem::path& output) const;

  static void remove(const std::filesystem::path& output);
};

// The names of the members in which two identities differ, for a message; empty when they agree.
std::string identity_changes(const Json& before, const Json& now);

// Tells a file, or all files of a folder, from others and from later versions of itself: names
// inside the folder, sizes, times of change, and a hash over their beginnings and ends.
// Throws Error: kNotFound, kIo.
Json file_identity(const std::filesystem::path& path);

}  // namespace valence
