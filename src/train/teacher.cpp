#include "train/teacher.h"

#include <algorithm>
#include <string_view>

#include "valence/classifier.h"
#include "valence/error.h"

namespace valence::train {
namespace {

constexpr std::size_t kTextsAtOnce = 512;

// For each of the teacher's classes its place among `labels`.
std::vector<std::size_t> places_of(const ModelInfo& teacher,
                                   const std::vector<std::string>& labels) {
  std::vector<std::size_t> places;
  for (const std::string& name : teacher.labels) {
    const auto found = std::find_if(labels.begin(), labels.end(), [&](const std::string& label) {
      return same_labels({label}, {name});
    });
    places.push_back(static_cast<std::size_t>(found - labels.begin()));
    if (found == labels.end() || teacher.labels.size() != labels.size())
      throw Error(ErrorCode::kInvalidArgument,
                  teacher.path + ": the teacher has other classes than the rows (its class \"" +
                      name + "\"); a teacher needs the same ones");
  }
  return places;
}

}  // namespace

void ask_teacher(const std::filesystem::path& path, const RawRows& rows,
                 const std::vector<std::string>& labels, std::size_t threads,
                 std::vector<Example>& examples) {
  LoadOptions load;
  load.threads = threads;
  const Classifier teacher = Classifier::load(path, load);
  const std::vector<std::size_t> places = places_of(teacher.info(), labels);
  ClassifyOptions options;
  options.function = ScoreFunction::kNone;
  std::size_t next = 0;
  for (const RawRows::File& file : rows.files) {
    const std::vector<LabelledRow>& found = file.found.rows;
    for (std::size_t begin = 0; begin < found.size(); begin += kTextsAtOnce) {
      std::vector<std::string_view> texts;
      for (std::size_t i = begin; i < std::min(found.size(), begin + kTextsAtOnce); ++i)
        texts.emplace_back(found[i].text);
      for (const Classification& answer : teacher.classify(texts, options)) {
        Example& example = examples[next++];
        example.teacher.assign(labels.size(), 0);
        for (const LabelScore& score : answer.scores)
          example.teacher[places[static_cast<std::size_t>(score.id)]] = score.score;
      }
    }
  }
}

}  // namespace valence::train
