#include "apps/cli/eval_errors.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/atomic_file.h"
#include "data/csv_writer.h"
#include "data/row_writer.h"

namespace valence::cli {
namespace {

struct Wrong {
  std::size_t row = 0;
  std::string gold, predicted;
  float score = 0;
  double badness = 0;
};

std::string joined(const std::vector<std::uint8_t>& flags, std::size_t begin,
                   const std::vector<std::string>& classes) {
  std::string text;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (flags[begin + c] == 0) continue;
    if (!text.empty()) text += '|';
    text += classes[c];
  }
  return text;
}

Wrong wrong_single(const SingleLabelRows& rows, std::size_t row,
                   const std::vector<std::string>& classes) {
  const float score = rows.top_score(row);
  return {row, classes[rows.gold[row]], classes[rows.predicted[row]], score, score};
}

Wrong wrong_multi(const MultiLabelRows& rows, std::size_t row,
                  const std::vector<std::string>& classes) {
  const std::size_t begin = row * rows.labels;
  Wrong wrong{row, joined(rows.gold, begin, classes), joined(rows.predicted, begin, classes)};
  for (std::size_t at = begin; at < begin + rows.labels; ++at) {
    const double distance = std::abs(rows.scores[at] - static_cast<double>(rows.gold[at]));
    if (rows.gold[at] == rows.predicted[at] || distance < wrong.badness) continue;
    wrong.badness = distance;
    wrong.score = rows.scores[at];
  }
  return wrong;
}

}  // namespace

void write_errors(const std::filesystem::path& path, const LabelledData& data,
                  const std::vector<std::size_t>& used, const EvaluatedRows& rows,
                  const std::vector<std::string>& classes) {
  std::vector<Wrong> all;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows.task == Task::kMultiLabel && !rows.multi.right(row))
      all.push_back(wrong_multi(rows.multi, row, classes));
    else if (rows.task == Task::kSingleLabel && !rows.single.right(row))
      all.push_back(wrong_single(rows.single, row, classes));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Wrong& a, const Wrong& b) { return a.badness > b.badness; });
  std::string text = "text,gold,predicted,score\n";
  for (const Wrong& wrong : all) {
    append_csv_value(data.rows[used[wrong.row]].text, ',', text);
    text += ',';
    append_csv_value(wrong.gold, ',', text);
    text += ',';
    append_csv_value(wrong.predicted, ',', text);
    text += ',' + format_score(wrong.score) + '\n';
  }
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace valence::cli
