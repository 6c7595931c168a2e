// Rows in, labelled rows out: the work of `valence classify`.
#pragma once

#include <cstddef>
#include <string>

#include "apps/cli/progress_bar.h"
#include "apps/cli/row_sink.h"
#include "apps/cli/tally.h"
#include "data/row_writer.h"
#include "valence/classifier.h"

namespace valence::cli {

struct LabellingParts {
  RowReader& reader;
  RowSink& sink;
  const Classifier& classifier;
  ClassifyOptions options;
  std::size_t threads;  // that compute
  std::string origin;   // names the input in errors
  bool strict;          // throws Error(kCorrupt) at the first row without a label
  bool interruptible;   // an Interrupt is in place
  ProgressBar& progress;
};

struct LabellingResult {
  Tally tally;
  std::uint64_t fresh = 0;  // rows that were labelled now, not before an interruption
  bool stopped = false;     // by a signal, after a checkpoint; the output is not complete
};

LabellingResult label_rows(const LabellingParts& parts);

}  // namespace valence::cli
