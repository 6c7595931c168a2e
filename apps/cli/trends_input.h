// Where the rows of `valence trends` come from: a table or a store, read as often as needed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "apps/cli/trends_settings.h"
#include "data/row_formats.h"
#include "store/result_store.h"
#include "trends/records.h"
#include "trends/report.h"
#include "trends/store_records.h"
#include "trends/table_records.h"

namespace valence::cli {

class TrendsInput {
 public:
  TrendsInput() = default;
  virtual ~TrendsInput() = default;
  TrendsInput(const TrendsInput&) = delete;
  TrendsInput& operator=(const TrendsInput&) = delete;

  // The rows from the first one on; `texts`: with their texts. May be called again.
  virtual std::unique_ptr<RecordSource> open(bool texts) const = 0;

  virtual bool has_texts() const = 0;
  virtual void describe(TrendReport& report) const = 0;  // source and columns
};

// A table with labels, or a store. Standard input is kept in a temporary file first. Throws Error,
// also where a column is not there.
std::unique_ptr<TrendsInput> open_trends_input(const TrendsSettings& settings,
                                               const WorthMap& worths);

// The rows of a table, their texts labelled by a model: all are labelled before this returns, and
// kept in a temporary file.
std::unique_ptr<TrendsInput> label_trends_input(const TrendsSettings& settings,
                                                const WorthMap& worths);

}  // namespace valence::cli
