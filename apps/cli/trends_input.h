// Where the rows of `valence trends` come from: a table or a store, read as often as needed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "apps/cli/trends_settings.h"
#include "data/row_formats.h"
#include "store/result_store.h"
#include "trends/report_input.h"
#include "trends/store_records.h"
#include "trends/table_records.h"

namespace valence::cli {

// A table with labels, or a store. Standard input is kept in a temporary file first. Throws Error,
// also where a column is not there.
std::unique_ptr<ReportInput> open_trends_input(const TrendsSettings& settings,
                                               const WorthMap& worths);

// The rows of a table, their texts labelled by a model: all are labelled before this returns, and
// kept in a temporary file.
std::unique_ptr<ReportInput> label_trends_input(const TrendsSettings& settings,
                                                const WorthMap& worths);

}  // namespace valence::cli
