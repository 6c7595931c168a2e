// A table with labels as the rows of a report.
#pragma once

#include <memory>
#include <string>

#include "base/temporary_file.h"
#include "data/polarity.h"
#include "data/row_formats.h"
#include "trends/report_input.h"
#include "trends/table_records.h"

namespace valence {

struct Table {
  std::string path;
  std::string name;  // of the input, for people
  const RowFormat* format = nullptr;
  char delimiter = 0;
  RecordColumns columns;  // those that are empty: the usual ones, where they are there
  std::unique_ptr<TemporaryFile> kept;  // what `path` names, where it is kept for this input only
};

class TableInput final : public ReportInput {
 public:
  // Throws Error(kNotFound) where a column is not there.
  TableInput(Table table, const WorthMap& worths);

  std::unique_ptr<RecordSource> open(bool texts) const override;
  bool has_texts() const override { return !table_.columns.text.empty(); }
  void describe(TrendReport& report) const override;

 private:
  std::unique_ptr<RowReader> reader() const;
  void choose_columns();

  Table table_;
  WorthMap worths_;
};

}  // namespace valence
