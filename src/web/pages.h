// The pages that are built from web/: the dashboard of the server and the report of trends.
#pragma once

#include <string>
#include <string_view>

namespace valence::web {

struct Page {
  std::string_view media_type;  // "text/html; charset=utf-8"
  std::string_view bytes;       // live as long as the program; null data: there is no such file
};

// A file of web/dist by its name in it: "dashboard.html", "ui/dashboard-1a2b3c4d.js".
Page find_page(std::string_view name);

// The page of a report with its data, a whole file that needs nothing beside it. `json` is valid
// JSON (docs/trends.md); what it says in its strings can end no element of the page.
std::string report_page(std::string_view json);

// JSON that can stand inside a script element of a page and still means the same.
std::string escape_for_script(std::string_view json);

}  // namespace valence::web
