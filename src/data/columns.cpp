#include "data/columns.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "valence/error.h"

namespace valence {
namespace {

constexpr const char* kDefaultText = "text";
constexpr std::size_t kColumnsListed = 30;

int lower(char c) {
  return std::tolower(static_cast<unsigned char>(c));
}

std::string list_of(std::span<const std::string> columns) {
  std::string list;
  for (std::size_t i = 0; i < std::min(columns.size(), kColumnsListed); ++i)
    list += (i == 0 ? "" : ", ") + excerpt(columns[i]);
  return list + (columns.size() > kColumnsListed ? ", ..." : "");
}

[[noreturn]] void fail_missing(std::span<const std::string> columns, const std::string& name,
                               const std::string& origin, const std::string& flag) {
  const auto nearest = std::min_element(columns.begin(), columns.end(),
                                        [&](const std::string& a, const std::string& b) {
                                          return edit_distance(a, name) < edit_distance(b, name);
                                        });
  throw Error(ErrorCode::kNotFound, origin + ": there is no column \"" + name +
                                        "\"; the nearest is \"" + excerpt(*nearest) +
                                        "\"; name one with " + flag +
                                        "; the columns are: " + list_of(columns));
}

// A table read with the wrong delimiter has one column, named after all of them.
void check_delimiter(const std::string& column, const ReadOptions& options) {
  const std::size_t found = column.find_first_of(";\t|,");
  if (found == std::string::npos) return;
  const std::string other = column[found] == '\t' ? "tab" : std::string(1, column[found]);
  throw Error(ErrorCode::kNotFound, options.origin + ": there is only one column, \"" +
                                        excerpt(column) +
                                        "\"; if its parts are separated by another character, say "
                                        "which: --delimiter \"" +
                                        other + "\"; else name the column: --text-column");
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> costs(b.size() + 1);
  std::iota(costs.begin(), costs.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = costs[0];
    costs[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replace = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = costs[j + 1];
      costs[j + 1] = std::min({costs[j] + 1, costs[j + 1] + 1, replace});
    }
  }
  return costs.back();
}

std::size_t find_column(std::span<const std::string> columns, const std::string& name,
                        const std::string& origin, const std::string& flag) {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) fail_missing(columns, name, origin, flag);
  if (std::find(found + 1, columns.end(), name) != columns.end())
    throw Error(ErrorCode::kInvalidArgument, origin + ": there are two columns \"" + name +
                                                 "\"; rename one, or name another column with " +
                                                 flag);
  return static_cast<std::size_t>(found - columns.begin());
}

std::size_t find_text_column(std::span<const std::string> columns, const ReadOptions& options) {
  const std::string name = options.text_column.value_or(kDefaultText);
  const bool there = std::find(columns.begin(), columns.end(), name) != columns.end();
  if (there || options.text_column || columns.size() != 1)
    return find_column(columns, name, options.origin, "--text-column");
  if (options.header) check_delimiter(columns.front(), options);
  return 0;
}

void check_added_columns(std::span<const std::string> columns, const ReadOptions& options) {
  for (const std::string& name : options.added)
    if (std::find(columns.begin(), columns.end(), name) != columns.end())
      throw Error(ErrorCode::kInvalidArgument,
                  options.origin + ": the input has a column \"" + name +
                      "\" already, which would be added; choose another name with --label-name, "
                      "--score-name or --error-name");
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

}  // namespace valence
