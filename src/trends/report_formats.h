// A report of trends as JSON, CSV and SVG: complete files, in UTF-8. The page is made of the JSON
// by web/pages.h.
#pragma once

#include <string>

#include "base/json.h"
#include "trends/report.h"

namespace valence {

// docs/trends.md describes the members. `made_at`: ISO 8601, UTC.
nlohmann::ordered_json report_json(const TrendReport& report, const std::string& made_at);

// One row a group, period and label, with a header.
std::string report_csv(const TrendReport& report);

// The shares of all rows as stacked bars, the mean polarity with its interval below.
std::string report_svg(const TrendReport& report);

}  // namespace valence
