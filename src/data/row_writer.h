// Labelled rows as text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/row.h"
#include "valence/classifier.h"

namespace valence {

struct LabeledRow {
  Row row;  // with an error also where the classifier had one
  Classification answer;
};

// One value of an added column.
struct AddedValue {
  enum class Kind { kMissing, kString, kPlain };  // plain: numbers, true and false
  Kind kind = Kind::kMissing;
  std::string text;
};

// The columns that labelling adds, in their order: label, score; label_2, score_2, ... for `top`
// labels; a score for each of `labels`; all chosen labels, joined by "|", for `chosen`; tokens,
// windows and truncated for `details`; error, always.
struct AddedColumns {
  std::string label = "label";
  std::string score = "score";
  std::string error = "error";
  std::size_t top = 1;
  std::vector<std::string> labels;  // by id; empty: no score a label
  bool chosen = false;
  bool details = false;

  std::vector<std::string> names() const;
  std::vector<AddedValue> values(const LabeledRow& row) const;
};

// Six digits behind the point, which is more than the arithmetic is good for.
std::string format_score(float score);

struct WriteOptions {
  std::vector<std::string> columns;  // of the reader
  AddedColumns added;
  bool header = true;
  char delimiter = ',';             // of CSV
  bool top_given = false;           // JSON: a list of labels a text, not just one
  std::size_t width = 0;            // plain lines: where they are cut; 0: nowhere
  bool colour = false;              // plain lines
  std::vector<std::string> labels;  // plain lines: all there are, for alignment
};

// Appends to `out`; has no state but whether a row went before. Not thread-safe.
class RowWriter {
 public:
  explicit RowWriter(WriteOptions options) : options_(std::move(options)) {}
  virtual ~RowWriter() = default;
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  virtual void begin(std::string& /*out*/) {}
  virtual void write(const LabeledRow& row, std::string& out) = 0;
  virtual void end(std::string& /*out*/) {}

 protected:
  const WriteOptions options_;
};

}  // namespace valence
