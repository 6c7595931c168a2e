#include "data/ledger.h"

#include <system_error>

#include "base/atomic_file.h"
#include "base/mapped_file.h"

namespace valence {
namespace {

constexpr int kVersion = 1;

}  // namespace

std::filesystem::path Ledger::path_for(const std::filesystem::path& output) {
  return output.string() + ".progress";
}

std::optional<Ledger> Ledger::load(const std::filesystem::path& output) {
  const std::filesystem::path path = path_for(output);
  if (!std::filesystem::exists(path)) return std::nullopt;
  const MappedFile file(path);
  const Json json = parse_json(file.text(), path.string());
  const JsonRef root(json, path.string());
  if (root.at("version").integer() != kVersion) root.at("version").fail("another version wrote it");
  Ledger ledger;
  ledger.identity = root.at("identity").raw();
  ledger.rows = static_cast<std::uint64_t>(root.at("rows").integer_in(0, INT64_MAX));
  ledger.output_bytes =
      static_cast<std::uint64_t>(root.at("output_bytes").integer_in(0, INT64_MAX));
  ledger.tally = root.at("tally").raw();
  if (!ledger.identity.is_object()) root.at("identity").fail("expected an object");
  return ledger;
}

void Ledger::save(const std::filesystem::path& output) const {
  const Json json{{"version", kVersion},
                  {"identity", identity},
                  {"rows", rows},
                  {"output_bytes", output_bytes},
                  {"tally", tally}};
  AtomicFile file(path_for(output));
  file.write(json.dump(1) + "\n");
  file.commit();
}

void Ledger::remove(const std::filesystem::path& output) {
  std::error_code ignored;
  std::filesystem::remove(path_for(output), ignored);
}

std::string identity_changes(const Json& before, const Json& now) {
  std::string names;
  const auto note = [&](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
  for (const auto& [name, value] : now.items())
    if (!before.contains(name) || before[name] != value) note(name);
  for (const auto& [name, value] : before.items())
    if (!now.contains(name)) note(name);
  return names;
}

}  // namespace valence
