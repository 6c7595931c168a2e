// The forms in which dates and times of day are written, each a reader of its parts.
#pragma once

#include <string_view>

#include "trends/date_scanner.h"

namespace valence {

// Reads a date from the front; what stands behind it is left. False where it is in no form that is
// known, or in one that needs an order of day and month that is not.
bool read_date(DateScanner& scanner, DateFields& fields, DayOrder order);

// What stands behind a date: nothing, or a time of day.
bool read_time_of_day(DateScanner& scanner, DateFields& fields);

// Whether the text begins like 31/3/2025, 3-4-25 or 31. 3. 2025.
bool is_numeric_date(std::string_view text);

}  // namespace valence
