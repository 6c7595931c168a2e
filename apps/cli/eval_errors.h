// The rows that a model got wrong, as a table.
#pragma once

#include <filesystem>
#include <vector>

#include "apps/cli/eval_rows.h"

namespace valence::cli {

// CSV with the columns text, gold, predicted, score. The worst come first: those with the highest
// score of what was wrongly predicted; of a multi-label model, those with the label that is
// furthest from people's answer, whose score it is. `used` as evaluate_rows got it.
void write_errors(const std::filesystem::path& path, const LabelledData& data,
                  const std::vector<std::size_t>& used, const EvaluatedRows& rows,
                  const std::vector<std::string>& classes);

}  // namespace valence::cli
