// The rows of a report, read as often as needed.
#pragma once

#include <memory>

#include "trends/records.h"
#include "trends/report.h"

namespace valence {

class ReportInput {
 public:
  ReportInput() = default;
  virtual ~ReportInput() = default;
  ReportInput(const ReportInput&) = delete;
  ReportInput& operator=(const ReportInput&) = delete;

  // The rows from the first one on; `texts`: with their texts. May be called again. What it returns
  // needs the input.
  virtual std::unique_ptr<RecordSource> open(bool texts) const = 0;

  virtual bool has_texts() const = 0;
  virtual void describe(TrendReport& report) const = 0;  // source and columns
};

}  // namespace valence
