#include "train/dataset.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/thread_pool.h"
#include "data/labels.h"
#include "train/random.h"
#include "valence/error.h"

namespace valence::train {
namespace {

constexpr std::size_t kRowsAtOnce = 256;  // that a thread takes to tokenize
constexpr std::size_t kMaxLabels = 10'000;

bool before(const std::string& a, const std::string& b) {
  const auto x = number_of_label(a);
  const auto y = number_of_label(b);
  return x && y && *x != *y ? *x < *y : a < b;
}

std::string list_of(const std::vector<std::string>& labels) {
  std::string list;
  for (const std::string& label : labels) list += (list.empty() ? "\"" : ", \"") + label + "\"";
  return list;
}

std::map<std::string, std::int32_t> ids_of(const std::vector<std::string>& labels) {
  std::map<std::string, std::int32_t> ids;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (!ids.emplace(folded_label(labels[i]), static_cast<std::int32_t>(i)).second)
      throw Error(ErrorCode::kInvalidArgument,
                  "two classes are called \"" + labels[i] + "\" (case is not looked at)");
  return ids;
}

// The first label that is none of the classes, with its place.
std::string stranger_in(const RawRows& rows, const std::map<std::string, std::int32_t>& ids) {
  for (const RawRows::File& file : rows.files)
    for (const LabelledRow& row : file.found.rows)
      for (const std::string& label : row.labels)
        if (!ids.contains(folded_label(label)))
          return file.source.path.string() + ", line " + std::to_string(row.line) + ": \"" + label +
                 "\"";
  return {};
}

std::vector<std::string> labels_in(const RawRows& rows) {
  std::map<std::string, std::string> found;  // by their fold, as they are written first
  for (const RawRows::File& file : rows.files)
    for (const LabelledRow& row : file.found.rows)
      for (const std::string& label : row.labels) found.emplace(folded_label(label), label);
  std::vector<std::string> labels;
  labels.reserve(found.size());
  for (const auto& [key, label] : found) labels.push_back(label);
  std::sort(labels.begin(), labels.end(), before);
  return labels;
}

void check_labels(const std::vector<std::string>& labels, Task task) {
  const std::size_t least = task == Task::kSingleLabel ? 2 : 1;
  if (labels.size() < least)
    throw Error(ErrorCode::kInvalidArgument,
                "the rows have only one label, " + list_of(labels) + "; two are needed to train");
  if (labels.size() > kMaxLabels)
    throw Error(ErrorCode::kInvalidArgument,
                "the rows have " + std::to_string(labels.size()) +
                    " different labels; is --label-column right? For numbers use --task "
                    "regression");
}

void set_target(const RawRows::File& file, const LabelledRow& row, Task task,
                const std::map<std::string, std::int32_t>& ids, Example& example) {
  if (task == Task::kRegression) {
    const auto value = number_of_label(row.labels.front());
    if (!value)
      throw Error(ErrorCode::kInvalidArgument,
                  file.source.path.string() + ", line " + std::to_string(row.line) + ": \"" +
                      row.labels.front() + "\" is not a number, which --task regression needs");
    example.values = {static_cast<float>(*value)};
    return;
  }
  if (task == Task::kMultiLabel) example.values.assign(ids.size(), 0.0F);
  for (const std::string& label : row.labels) {
    const std::int32_t id = ids.at(folded_label(label));
    if (task == Task::kMultiLabel)
      example.values[static_cast<std::size_t>(id)] = 1;
    else
      example.label = id;
  }
}

void check_ids(const Example& example, std::int64_t vocabulary) {
  for (const std::int32_t id : example.tokens)
    if (id >= vocabulary)
      throw Error(ErrorCode::kCorrupt,
                  "the base model has no embedding for the tokenizer's id " + std::to_string(id));
}

}  // namespace

std::size_t RawRows::size() const {
  std::size_t count = 0;
  for (const File& file : files) count += file.found.rows.size();
  return count;
}

RawRows read_rows(const std::vector<DataFile>& files, Task task) {
  RawRows rows;
  for (const DataFile& source : files) {
    LabelledReadOptions options = source.read;
    options.several = task == Task::kMultiLabel;
    rows.files.push_back({source, read_labelled_rows(source.path, options)});
    const LabelledRows& found = rows.files.back().found;
    if (found.rows.empty())
      throw Error(ErrorCode::kInvalidArgument,
                  source.path.string() + ": no row can be used" +
                      (found.first_problem.empty() ? "" : "; " + found.first_problem));
  }
  return rows;
}

std::vector<std::string> choose_labels(const RawRows& rows, Task task,
                                       const std::vector<std::string>& wanted,
                                       const std::vector<std::string>& base) {
  if (task == Task::kRegression) {
    if (wanted.size() > 1)
      throw Error(ErrorCode::kInvalidArgument, "--task regression has one label, its name");
    return wanted.empty() ? std::vector<std::string>{"score"} : wanted;
  }
  if (!wanted.empty()) {
    if (const std::string stranger = stranger_in(rows, ids_of(wanted)); !stranger.empty())
      throw Error(ErrorCode::kInvalidArgument,
                  stranger + " is none of the classes " + list_of(wanted) +
                      "; add it to --labels, or rename it with --label-map");
    check_labels(wanted, task);
    return wanted;
  }
  if (!base.empty() && stranger_in(rows, ids_of(base)).empty()) return base;
  std::vector<std::string> labels = labels_in(rows);
  check_labels(labels, task);
  return labels;
}

bool same_labels(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const std::string& x, const std::string& y) {
                      return folded_label(x) == folded_label(y);
                    });
}

std::vector<Example> make_examples(const RawRows& rows, Task task,
                                   const std::vector<std::string>& labels,
                                   const Tokenizer& tokenizer, std::int64_t vocabulary,
                                   std::size_t threads) {
  const auto ids = ids_of(labels);
  std::vector<Example> examples(rows.size());
  ThreadPool pool(threads);
  std::size_t first = 0;
  for (std::uint32_t f = 0; f < rows.files.size(); ++f) {
    const RawRows::File& file = rows.files[f];
    const std::vector<LabelledRow>& found = file.found.rows;
    pool.for_each((found.size() + kRowsAtOnce - 1) / kRowsAtOnce, [&](std::size_t piece) {
      const std::size_t end = std::min(found.size(), (piece + 1) * kRowsAtOnce);
      for (std::size_t i = piece * kRowsAtOnce; i < end; ++i) {
        Example& example = examples[first + i];
        example.file = f;
        example.tokens = tokenizer.tokenize(found[i].text).ids;
        check_ids(example, vocabulary);
        set_target(file, found[i], task, ids, example);
      }
    });
    first += found.size();
  }
  return examples;
}

std::vector<std::vector<bool>> classes_by_file(const std::vector<Example>& examples,
                                               std::size_t files, std::size_t classes) {
  std::vector<std::vector<bool>> found(files, std::vector<bool>(classes, false));
  for (const Example& example : examples)
    found[example.file][static_cast<std::size_t>(example.label)] = true;
  return found;
}

std::vector<Example> split_off(std::vector<Example>& examples, double share, std::uint64_t seed) {
  using Stratum = std::pair<std::uint32_t, std::int32_t>;
  std::map<Stratum, std::vector<std::size_t>> strata;
  for (std::size_t i = 0; i < examples.size(); ++i)
    strata[{examples[i].file, examples[i].label}].push_back(i);
  Random random(seed);
  std::set<std::size_t> chosen;
  for (auto& [stratum, members] : strata) {
    random.shuffle(members);
    const auto count =
        static_cast<std::size_t>(std::llround(share * static_cast<double>(members.size())));
    chosen.insert(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(count));
  }
  std::vector<Example> held;
  std::vector<Example> kept;
  for (std::size_t i = 0; i < examples.size(); ++i)
    (chosen.contains(i) ? held : kept).push_back(std::move(examples[i]));
  examples = std::move(kept);
  return held;
}

}  // namespace valence::train
