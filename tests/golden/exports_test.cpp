// GGUF copies of every fixture: exact where the type holds the weights, close where it does not.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>

#include "engine/compare.h"
#include "golden/fixtures.h"
#include "model/export_gguf.h"

namespace valence {
namespace {

// A file that is removed at the end of the test.
struct TemporaryFile {
  TemporaryFile()
      : path(std::filesystem::temp_directory_path() /
             ("valence-export-" + std::to_string(::getpid()) + ".gguf")) {}
  ~TemporaryFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

Comparison export_and_compare(const Fixture& fixture, DType type) {
  const TemporaryFile file;
  export_gguf(open_model_file(fixture.folder), file.path, type);
  const Classifier source = Classifier::load(fixture.folder);
  const Classifier copy = Classifier::load(file.path);
  CHECK(copy.info().format == "GGUF");
  CHECK(copy.info().architecture == source.info().architecture);
  CHECK(copy.info().labels == source.info().labels);
  CHECK(copy.info().problem_type == source.info().problem_type);
  CHECK(copy.info().window == source.info().window);
  CHECK(copy.info().vocabulary == source.info().vocabulary);
  std::vector<std::string> texts;
  for (const Json& row : fixture.golden["texts"]) texts.push_back(row["text"].get<std::string>());
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  return compare_models(source, copy, views);
}

TEST_CASE("F32 copies compute the same bits as their source") {
  for (const Fixture& fixture : fixtures()) {
    CAPTURE(fixture.name);
    const Comparison result = export_and_compare(fixture, DType::kF32);
    CHECK(result.texts == fixture.golden["texts"].size());
    CHECK(result.largest_logit_difference == 0);
  }
}

struct NarrowType {
  std::string name;
  DType type;
};

double worst_of_narrow_copy(const Fixture& fixture, const NarrowType& narrow) {
  const TemporaryFile file;
  export_gguf(open_model_file(fixture.folder), file.path, narrow.type);
  const Classifier copy = Classifier::load(file.path, {"cpu", 0, Precision::kFp32});
  const Json& wanted = fixture.golden["narrow"][narrow.name];
  double worst = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto text = fixture.golden["texts"][i]["text"].get<std::string>();
    worst = std::max(
        worst, largest_difference(logits_of(copy, text), wanted[i].get<std::vector<double>>()));
  }
  return worst;
}

TEST_CASE("copies of a narrower type compute what the reference does with narrowed weights") {
  const std::vector<NarrowType> types{
      {"f16", DType::kF16}, {"bf16", DType::kBF16}, {"q8_0", DType::kQ8_0}};
  for (const Fixture& fixture : fixtures()) {
    for (const NarrowType& narrow : types) {
      CAPTURE(fixture.name);
      CAPTURE(narrow.name);
      CHECK(worst_of_narrow_copy(fixture, narrow) <= 1e-4);
    }
  }
}

TEST_CASE("a copy of a copy is the same model") {
  const Fixture& fixture = fixtures().back();
  const TemporaryFile first;
  export_gguf(open_model_file(fixture.folder), first.path, DType::kQ8_0);
  const std::filesystem::path second = first.path.string() + ".again";
  export_gguf(open_model_file(first.path), second, DType::kQ8_0);
  const Classifier a = Classifier::load(first.path);
  const Classifier b = Classifier::load(second);
  CHECK(compare_models(a, b, sample_texts()).largest_logit_difference == 0);
  std::filesystem::remove(second);
}

TEST_CASE("models of other labels are not compared") {
  const Classifier a = Classifier::load(fixtures().front().folder);
  Classifier b = Classifier::load(fixtures().front().folder);
  for (const Fixture& fixture : fixtures()) {
    b = Classifier::load(fixture.folder);
    if (b.info().labels != a.info().labels) break;
  }
  CHECK_THROWS_AS(compare_models(a, b, sample_texts()), Error);
}

}  // namespace
}  // namespace valence
