// The seam for where labelled rows go: a table that is written anew, a log that is appended to,
// a report.
#pragma once

#include <span>

#include "apps/cli/row_output.h"
#include "apps/cli/tally.h"
#include "data/row_writer.h"

namespace valence::cli {

class RowSink {
 public:
  RowSink() = default;
  virtual ~RowSink() = default;
  RowSink(const RowSink&) = delete;
  RowSink& operator=(const RowSink&) = delete;

  // What an interrupted run has done already: rows to pass over, and its counts. Null: none.
  virtual const Ledger* resumed() const { return nullptr; }

  virtual void begin() {}  // unless resumed

  // Whole chunks, in order; `after` counts them and all before.
  virtual void write(std::span<const LabeledRow> rows, const Tally& after) = 0;

  virtual void end() {}  // all rows have been written

  // What has been written counts as done, whatever happens next.
  virtual void save(const Tally& /*done*/) {}

  // A run that was stopped can go on behind the last whole chunk.
  virtual bool resumable() const { return false; }
};

// Rows as text.
class TextSink final : public RowSink {
 public:
  TextSink(RowWriter& writer, RowOutput& output) : writer_(writer), output_(output) {}

  const Ledger* resumed() const override { return output_.resumed(); }
  void begin() override;
  void write(std::span<const LabeledRow> rows, const Tally& after) override;
  void end() override;
  void save(const Tally& done) override { output_.checkpoint(done.rows, done.to_json(), true); }
  bool resumable() const override { return !output_.leftover().empty(); }

 private:
  RowWriter& writer_;
  RowOutput& output_;
};

}  // namespace valence::cli
