// A file that keeps how far runs have come.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/json.h"
#include "store/result_store.h"

namespace valence {

Json json_of_run(const StoredRun& run);
StoredRun run_of_json(const JsonRef& json);  // throws Error(kCorrupt)

// Nothing where there is no such run or no file. Throws Error(kCorrupt) where the file is damaged.
std::optional<StoredRun> find_run(const std::filesystem::path& list, const std::string& key);

// Adds the run or replaces the one of the same key, in one step. Of finished runs the last 200 are
// kept. One program at a time may do so.
void save_run(const std::filesystem::path& list, const StoredRun& run);

}  // namespace valence
