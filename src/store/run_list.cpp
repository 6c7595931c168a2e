#include "store/run_list.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "base/mapped_file.h"

namespace valence {
namespace {

constexpr int kVersion = 1;
constexpr std::size_t kFinishedKept = 200;

// In the order in which they were changed last.
std::vector<StoredRun> load(const std::filesystem::path& list) {
  std::vector<StoredRun> runs;
  if (!std::filesystem::exists(list)) return runs;
  const MappedFile file(list);
  const Json json = parse_json(file.text(), list.string());
  const JsonRef root(json, list.string());
  if (root.at("version").integer() != kVersion) root.at("version").fail("another version wrote it");
  const JsonRef entries = root.at("runs");
  runs.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) runs.push_back(run_of_json(entries.at(i)));
  return runs;
}

}  // namespace

Json json_of_run(const StoredRun& run) {
  return {{"key", run.key},
          {"identity", run.identity},
          {"rows", run.rows},
          {"tally", run.tally},
          {"finished", run.finished}};
}

StoredRun run_of_json(const JsonRef& json) {
  StoredRun run;
  run.key = json.at("key").string();
  run.identity = json.at("identity").raw();
  run.rows = static_cast<std::uint64_t>(json.at("rows").integer_in(0, INT64_MAX));
  run.tally = json.at("tally").raw();
  run.finished = json.at("finished").boolean();
  return run;
}

std::optional<StoredRun> find_run(const std::filesystem::path& list, const std::string& key) {
  for (StoredRun& run : load(list))
    if (run.key == key) return std::move(run);
  return std::nullopt;
}

void save_run(const std::filesystem::path& list, const StoredRun& run) {
  std::vector<StoredRun> runs = load(list);
  std::erase_if(runs, [&](const StoredRun& other) { return other.key == run.key; });
  auto finished = static_cast<std::size_t>(
      std::count_if(runs.begin(), runs.end(), [](const StoredRun& r) { return r.finished; }));
  std::erase_if(runs, [&](const StoredRun& other) {
    if (!other.finished || finished <= kFinishedKept) return false;
    --finished;
    return true;
  });
  runs.push_back(run);
  Json entries = Json::array();
  for (const StoredRun& entry : runs) entries.push_back(json_of_run(entry));
  AtomicFile file(list);
  file.write(Json{{"version", kVersion}, {"runs", entries}}.dump(1) + "\n");
  file.commit();
}

}  // namespace valence
