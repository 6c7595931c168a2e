#include "apps/cli/eval_rows.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "apps/cli/progress_bar.h"
#include "apps/cli/terminal.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

constexpr std::size_t kChunkRows = 256;

std::vector<float> scores_by_id(const Classification& answer) {
  std::vector<float> scores(answer.scores.size());
  for (const LabelScore& entry : answer.scores)
    scores.at(static_cast<std::size_t>(entry.id)) = entry.score;
  return scores;
}

std::vector<float> scores_of(const Classification& answer, const ClassView& view) {
  const std::vector<float> all = scores_by_id(answer);
  std::vector<float> scores;
  scores.reserve(view.ids.size());
  for (const std::size_t id : view.ids) scores.push_back(all.at(id));
  const float sum = std::accumulate(scores.begin(), scores.end(), 0.0F);
  if (view.renormalise)
    for (float& score : scores)
      score = sum > 0 ? score / sum : 1 / static_cast<float>(scores.size());
  return scores;
}

void add_multi(MultiLabelRows& rows, const ClassView& view, const LabelledRow& gold,
               const Classification& answer) {
  const std::size_t begin = rows.gold.size();
  rows.gold.resize(begin + rows.labels);
  rows.predicted.resize(begin + rows.labels);
  for (const std::string& label : gold.labels)
    rows.gold[begin + *find_label(view.classes, label)] = 1;
  std::vector<std::uint8_t> chosen(answer.scores.size());
  for (const LabelScore& entry : answer.scores)
    chosen.at(static_cast<std::size_t>(entry.id)) = entry.chosen ? 1 : 0;
  for (std::size_t c = 0; c < rows.labels; ++c) rows.predicted[begin + c] = chosen.at(view.ids[c]);
  const std::vector<float> scores = scores_of(answer, view);
  rows.scores.insert(rows.scores.end(), scores.begin(), scores.end());
}

}  // namespace

ModelAnswers classify_rows(const Classifier& classifier, const std::vector<LabelledRow>& rows,
                           const ClassifyOptions& options, bool progress) {
  ProgressBar bar(progress && is_terminal(stderr));
  ModelAnswers result;
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::string_view> texts;
  for (std::size_t first = 0; first < rows.size(); first += kChunkRows) {
    const std::size_t end = std::min(rows.size(), first + kChunkRows);
    texts.clear();
    for (std::size_t i = first; i < end; ++i) texts.push_back(rows[i].text);
    for (Classification& answer : classifier.classify(texts, options)) {
      result.tokens += answer.tokens;
      result.answers.push_back(std::move(answer));
    }
    bar.show(end, end, rows.size());
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  result.seconds = seconds.count();
  return result;
}

std::size_t EvaluatedRows::size() const {
  if (task == Task::kMultiLabel) return multi.size();
  return task == Task::kRegression ? numbers.size() : single.size();
}

ClassView view_of(const ModelInfo& model, const std::vector<std::string>& classes) {
  ClassView view;
  for (const std::string& name : classes) {
    const auto id = find_label(model.labels, name);
    std::string known;
    for (const std::string& label : model.labels) known += (known.empty() ? "" : ", ") + label;
    if (!id)
      throw Error(ErrorCode::kInvalidArgument, model.path + ": the model has no class \"" + name +
                                                   "\"; its classes are " + known +
                                                   "; --classes names those to evaluate");
    if (std::find(view.ids.begin(), view.ids.end(), *id) != view.ids.end())
      throw Error(ErrorCode::kInvalidArgument, "--classes names \"" + name + "\" twice");
    view.classes.push_back(model.labels[*id]);
    view.ids.push_back(*id);
  }
  view.renormalise = view.ids.size() < model.labels.size();
  return view;
}

EvaluatedRows evaluate_rows(Task task, const ClassView& view, const LabelledData& data,
                            const std::vector<std::size_t>& used, const ModelAnswers& answers) {
  EvaluatedRows result;
  result.task = task;
  result.single.classes = view.classes.size();
  result.multi.labels = view.classes.size();
  for (const std::size_t row : used) {
    const LabelledRow& gold = data.rows[row];
    const Classification& answer = answers.answers[row];
    if (task == Task::kSingleLabel) {
      result.single.add(*find_label(view.classes, gold.labels.front()), scores_of(answer, view));
    } else if (task == Task::kMultiLabel) {
      add_multi(result.multi, view, gold, answer);
    } else {
      result.numbers.gold.push_back(*number_of_label(gold.labels.front()));
      result.numbers.predicted.push_back(answer.scores.front().score);
    }
  }
  return result;
}

}  // namespace valence::cli
