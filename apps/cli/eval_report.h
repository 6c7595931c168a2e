// What `valence eval` found, and how it is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/cli/eval_rows.h"
#include "base/json.h"
#include "eval/bootstrap.h"

namespace valence::cli {

struct Figure {
  std::string key;   // in JSON
  std::string name;  // for people
  double value = 0;
  Interval interval;  // 95 %
};

struct ModelReport {
  std::string path;
  EvaluatedRows rows;
  std::vector<Figure> figures;
  double texts_per_second = 0, tokens_per_second = 0, seconds = 0;
};

// The second model against the first, over the same rows.
struct ComparisonReport {
  ModelReport second;
  std::vector<Figure> differences;  // second - first, paired; one a figure
  bool labels = true;               // answers are labels: the next four count
  std::size_t only_first_right = 0, only_second_right = 0;
  double mcnemar_p = 1;
  double agreement = 0;  // share of rows with the same answer
  double largest_score_change = 0;
  std::string verdict;
};

struct EvalReport {
  LabelledData data;
  std::size_t left_out = 0;  // rows of classes that --classes does not name
  std::size_t failed = 0;    // rows that a model had an error for
  std::string first_failure;
  std::vector<std::string> classes;
  std::string note;  // for people
  ModelReport first;
  std::optional<ComparisonReport> comparison;
};

// Without figures.
ModelReport report_of(const std::string& path, EvaluatedRows rows, const ModelAnswers& answers);

// Counts the figures of the first model and, where there is one, all of the comparison with the
// second, whose rows are there already.
void count_figures(EvalReport& report);

// Lines of text; and one JSON object, in which what is not a number is null.
std::string text_of(const EvalReport& report);
nlohmann::ordered_json json_of(const EvalReport& report);

}  // namespace valence::cli
