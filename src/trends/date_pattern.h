// Dates by a pattern of the user, as strptime has them, in English whatever the locale.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "trends/date_parser.h"

namespace valence {

// Throws Error(kInvalidArgument) where the pattern has an unknown directive or does not tell a day.
void check_date_pattern(const std::string& pattern);

// The pattern has been checked.
std::optional<ParsedTime> read_by_pattern(std::string_view text, const std::string& pattern);

}  // namespace valence
