// Labelled rows of CSV, TSV and JSON Lines.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/polarity.h"
#include "data/row.h"
#include "trends/records.h"

namespace valence {

// Which columns are what, by name. Those that are empty are not read.
struct RecordColumns {
  std::string time, label, score, group, text;
  std::string line, polarity;  // where another step has kept them
};

// The first of the usual names that is among `columns`; nothing where there is none.
std::optional<std::string> usual_time_column(std::span<const std::string> columns);

// Reads `rows` by `columns`; polarity comes from columns "SCORE_LABEL" (those of `classify
// --all-scores`) where all their labels have a worth. The reader was made with texts = false.
// Throws Error(kNotFound) where a column is not there.
class TableRecords final : public RecordSource {
 public:
  TableRecords(std::unique_ptr<RowReader> rows, const RecordColumns& columns,
               const WorthMap& worths, const std::string& origin);

  bool next(Record& record) override;
  std::uint64_t consumed() const override { return rows_->source().consumed(); }
  std::uint64_t total() const override { return rows_->source().total(); }

 private:
  using Place = std::optional<std::size_t>;

  Place find(const std::string& name, const char* flag) const;
  void find_scores(const std::string& score, const WorthMap& worths);
  std::string_view value(const Place& place) const;
  std::optional<double> polarity() const;

  std::unique_ptr<RowReader> rows_;
  std::string origin_;
  Place time_, label_, score_, group_, text_, line_, polarity_;
  std::vector<std::size_t> score_places_;  // of the labels' scores
  std::vector<double> worths_;             // of these labels; empty: no polarity
  Row row_;
};

}  // namespace valence
