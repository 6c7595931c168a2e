// Labelled rows at the end of a log: `valence classify --append`.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/row_sink.h"
#include "base/json.h"
#include "valence/classifier.h"

namespace valence::cli {

struct LogOptions {
  std::filesystem::path path;        // .csv, .db, .sqlite or .sqlite3
  std::vector<std::string> columns;  // of the input
  std::string text_column;           // the one of them that holds the texts
  AddedColumns added;
  std::vector<std::string> labels;  // of the model, by id
  std::string model;                // who labelled
  std::string source;               // names the input
  // What the run depends on; none: the input cannot be read again, so nothing can be resumed.
  std::optional<Json> identity;
  bool resume = false, force = false;
};

// Columns of a CSV log that stand behind those of the input.
inline constexpr const char* kLabelledAt = "labelled_at";
inline constexpr const char* kLabelledBy = "labelled_by";

// Throws Error(kInvalidArgument) where the name is that of no log.
void check_log_name(const std::filesystem::path& path);
bool is_csv_log(const std::filesystem::path& path);

// Null: the rows of this very input were appended before. Throws Error(kInvalidArgument) where a
// run over it was interrupted and neither `resume` nor `force` is given, where a run of other
// options, model or input would be resumed, or where the log has other columns.
std::unique_ptr<RowSink> open_log(const LogOptions& options);

}  // namespace valence::cli
