// GGUF files as llama.cpp's converter lays them out, against the reference framework's numbers.
#include <doctest/doctest.h>

#include <algorithm>

#include "base/mapped_file.h"
#include "golden/fixtures.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr double kLogitBound = 1e-4;

const std::filesystem::path kFolder = std::filesystem::path(VALENCE_FIXTURES) / "converted";

Json golden_files() {
  const std::filesystem::path path = kFolder / "golden.json";
  return parse_json(MappedFile(path).text(), path.string());
}

const Fixture& source_of(const std::string& name) {
  const auto found = std::find_if(fixtures().begin(), fixtures().end(),
                                  [&](const Fixture& fixture) { return fixture.name == name; });
  REQUIRE(found != fixtures().end());
  return *found;
}

TEST_CASE("logits of a converter's GGUF are the reference's for the weights in it") {
  std::size_t checked = 0;
  const Json files = golden_files();
  for (const auto& file : files.items()) {
    const std::string& name = file.key();
    const Json& golden = file.value();
    if (golden["logits"].is_null()) continue;
    CAPTURE(name);
    const Classifier classifier =
        Classifier::load(kFolder / (name + ".gguf"), {"cpu", 0, Precision::kFp32});
    const Json& texts = source_of(golden["model"].get<std::string>()).golden["texts"];
    const Json logits = every_nth(golden["logits"]);
    REQUIRE(texts.size() == logits.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto text = texts[i]["text"].get<std::string>();
      CAPTURE(text);
      CHECK(largest_difference(logits_of(classifier, text), logits[i].get<std::vector<double>>()) <=
            kLogitBound);
    }
    ++checked;
  }
  CHECK(checked == 6);
}

TEST_CASE("a BERT whose pooler the converter dropped is refused and the pooler named") {
  std::string message;
  try {
    Classifier::load(kFolder / "bert-no-pooler-f32.gguf");
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK(message.find("pooler") != std::string::npos);
}

}  // namespace
}  // namespace valence
