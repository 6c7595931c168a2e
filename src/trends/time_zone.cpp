#include "trends/time_zone.h"

#include <absl/time/time.h>

#include <filesystem>

#include "valence/error.h"

namespace valence {

struct TimeZone::Zone {
  absl::TimeZone zone;
};

TimeZone::TimeZone(const std::string& name) : name_(name) {
  if (name == "UTC") return;
  // Abseil would take a path, too.
  absl::TimeZone zone;
  const bool is_name = !name.empty() && name.front() != '/' &&
                       name.find(':') == std::string::npos && name.find("..") == std::string::npos;
  if (!is_name || !absl::LoadTimeZone(name, &zone)) {
    const bool database = std::filesystem::exists("/usr/share/zoneinfo");
    throw Error(ErrorCode::kInvalidArgument,
                "there is no time zone \"" + name + "\"" +
                    (database ? "; name one as in Europe/Berlin or America/New_York, or UTC"
                              : "; this system has no database of time zones, install tzdata"));
  }
  zone_ = std::make_unique<const Zone>(Zone{zone});
}

TimeZone::~TimeZone() = default;
TimeZone::TimeZone(TimeZone&&) noexcept = default;
TimeZone& TimeZone::operator=(TimeZone&&) noexcept = default;

std::int64_t TimeZone::local(std::int64_t utc) const {
  return zone_ == nullptr ? utc : utc + zone_->zone.At(absl::FromUnixSeconds(utc)).offset;
}

}  // namespace valence
