// What is counted while rows are labelled, and told at the end.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/json.h"
#include "data/row_writer.h"

namespace valence::cli {

struct Tally {
  std::uint64_t rows = 0;
  std::uint64_t errors = 0;
  std::uint64_t windowed = 0;      // texts of more than one window
  std::uint64_t truncated = 0;     // texts of which some was not looked at
  std::uint64_t invalid_utf8 = 0;  // texts with bytes that read as U+FFFD
  std::string first_error;
  std::map<std::string, std::uint64_t> labels;  // by the best label

  void count(const LabeledRow& row);

  Json to_json() const;
  static Tally from_json(const JsonRef& json);  // throws Error(kCorrupt)
};

std::string grouped(std::uint64_t number);                   // 1,234,567
std::string counted(std::uint64_t count, const char* noun);  // "1 row", "1,234 rows"

// Several lines: rows and rate, the labels' shares, errors, long texts. `fresh` rows took
// `seconds`; the others were there before.
std::string summary_of(const Tally& tally, std::uint64_t fresh, double seconds,
                       const std::string& error_column);

}  // namespace valence::cli
