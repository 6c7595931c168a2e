// From what a record says of its time to the day that counts.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "trends/date_parser.h"
#include "trends/periods.h"
#include "trends/records.h"
#include "trends/time_zone.h"

namespace valence {

class TimeReader {
 public:
  TimeReader(DateFormat format, TimeZone zone)
      : format_(std::move(format)), zone_(std::move(zone)) {}

  // The time that clocks of the zone showed, in seconds; nothing where the record's cannot be read.
  std::optional<std::int64_t> local_seconds(const Record& record) const {
    if (record.utc) return zone_.local(*record.utc);
    const std::optional<ParsedTime> time = format_.read(record.time);
    if (!time) return std::nullopt;
    return time->absolute ? zone_.local(time->seconds) : time->seconds;
  }

  const TimeZone& zone() const { return zone_; }

 private:
  DateFormat format_;
  TimeZone zone_;
};

}  // namespace valence
