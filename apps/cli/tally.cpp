#include "apps/cli/tally.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "data/lines_writer.h"

namespace valence::cli {
namespace {

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 256> text{};
  const int size = std::snprintf(text.data(), text.size(), pattern, values...);
  return {text.data(), static_cast<std::size_t>(std::clamp(size, 0, 255))};
}

std::string shares_of(const Tally& tally) {
  std::vector<std::pair<std::string, std::uint64_t>> labels(tally.labels.begin(),
                                                            tally.labels.end());
  std::stable_sort(labels.begin(), labels.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::size_t width = 0;
  for (const auto& [label, count] : labels) width = std::max(width, display_width(label));
  const auto labelled = static_cast<double>(tally.rows - tally.errors);
  std::string text;
  for (const auto& [label, count] : labels)
    text += "  " + label + std::string(width - display_width(label), ' ') +
            format(" %12s  %5.1f %%\n", grouped(count).c_str(),
                   100 * static_cast<double>(count) / labelled);
  return text;
}

}  // namespace

void Tally::count(const LabeledRow& row) {
  ++rows;
  if (!is_valid_utf8(row.row.text)) ++invalid_utf8;
  if (!row.row.error.empty()) {
    if (errors++ == 0)
      first_error = "row " + std::to_string(row.row.number) + ", line " +
                    std::to_string(row.row.line) + ": " + excerpt(row.row.error);
    return;
  }
  if (row.answer.windows > 1) ++windowed;
  if (row.answer.truncated) ++truncated;
  if (!row.answer.scores.empty()) ++labels[std::string(row.answer.scores.front().label)];
}

Json Tally::to_json() const {
  return {{"rows", rows},
          {"errors", errors},
          {"windowed", windowed},
          {"truncated", truncated},
          {"invalid_utf8", invalid_utf8},
          {"first_error", first_error},
          {"labels", labels}};
}

Tally Tally::from_json(const JsonRef& json) {
  const auto number = [](const JsonRef& value) {
    return static_cast<std::uint64_t>(value.integer_in(0, INT64_MAX));
  };
  Tally tally;
  tally.rows = number(json.at("rows"));
  tally.errors = number(json.at("errors"));
  tally.windowed = number(json.at("windowed"));
  tally.truncated = number(json.at("truncated"));
  tally.invalid_utf8 = number(json.at("invalid_utf8"));
  tally.first_error = json.at("first_error").string();
  const JsonRef labels = json.at("labels");
  if (!labels.is_object()) labels.fail("expected an object");
  for (const auto& [label, count] : labels.raw().items())
    tally.labels[label] = number(labels.at(label));
  return tally;
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t count, const char* noun) {
  return grouped(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string summary_of(const Tally& tally, std::uint64_t fresh, double seconds,
                       const std::string& error_column) {
  std::string text = counted(tally.rows, "row");
  if (fresh != tally.rows) text += ", " + grouped(tally.rows - fresh) + " of them before";
  text += format(" in %.1f s", seconds);
  if (seconds >= 0.1)
    text +=
        format(" (%s rows/s)",
               grouped(static_cast<std::uint64_t>(static_cast<double>(fresh) / seconds)).c_str());
  text += '\n';
  text += shares_of(tally);
  if (tally.errors > 0)
    text += "  " + counted(tally.errors, "row") + " without a label, see the column \"" +
            error_column + "\"; the first is " + tally.first_error + "\n";
  if (tally.windowed > 0)
    text += "  " + counted(tally.windowed, "long text") + " read in several windows\n";
  if (tally.truncated > 0) text += "  " + counted(tally.truncated, "long text") + " truncated\n";
  if (tally.invalid_utf8 > 0)
    text += "  " + counted(tally.invalid_utf8, "text") + " with invalid UTF-8, read as U+FFFD\n";
  return text;
}

}  // namespace valence::cli
