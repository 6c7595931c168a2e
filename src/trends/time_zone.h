// Time zones of the IANA database, as this system has it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace valence {

// May be used by several threads at once.
class TimeZone {
 public:
  // "UTC" needs no database. Throws Error(kInvalidArgument) for a name that is not known.
  explicit TimeZone(const std::string& name = "UTC");
  ~TimeZone();
  TimeZone(TimeZone&&) noexcept;
  TimeZone& operator=(TimeZone&&) noexcept;

  const std::string& name() const { return name_; }

  // Seconds of UTC since 1970 as the seconds that clocks of this zone show.
  std::int64_t local(std::int64_t utc) const;

 private:
  struct Zone;
  std::string name_;
  std::unique_ptr<const Zone> zone_;  // null: UTC
};

}  // namespace valence
