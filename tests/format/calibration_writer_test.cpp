#include "format/calibration_writer.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/json.h"
#include "base/mapped_file.h"
#include "format/gguf.h"
#include "format/model_file.h"
#include "valence/error.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = VALENCE_FIXTURES;

struct Folder {
  fs::path path = fs::temp_directory_path() / "valence_calibration_writer";
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
};

std::string bytes_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_CASE("a GGUF file keeps its other keys and its tensors, bit by bit") {
  const Folder folder;
  const fs::path source = kFixtures / "converted/bert-f16.gguf";
  const fs::path target = folder.path / "m.gguf";
  const std::vector<float> thresholds{0.25F, 0.1F, 0.5F};
  write_calibration(source, target, {1.375, thresholds});
  const MappedFile before_bytes(source);
  const MappedFile after_bytes(target);
  const GgufFile before = parse_gguf(before_bytes.bytes(), "before");
  const GgufFile after = parse_gguf(after_bytes.bytes(), "after");
  CHECK(bytes_of(before.layout.data) == bytes_of(after.layout.data));
  CHECK(bytes_of(before.layout.infos) == bytes_of(after.layout.infos));
  REQUIRE(after.layout.keys.size() == before.layout.keys.size() + 1);
  for (std::size_t i = 0; i < before.layout.keys.size(); ++i)
    CHECK(bytes_of(before.layout.keys[i].bytes) == bytes_of(after.layout.keys[i].bytes));
  const Json calibration = open_model_file(target).config.at("valence_calibration");
  CHECK(calibration == Json::parse(R"({"temperature": 1.375, "thresholds": [0.25, 0.1, 0.5]})"));

  write_calibration(target, {}, {2, {}});
  CHECK(open_model_file(target).config.at("valence_calibration") ==
        Json::parse(R"({"temperature": 2.0})"));
}

TEST_CASE("a folder's config keeps the order of its members, also those that are not ASCII") {
  const Folder folder;
  const fs::path model = folder.path / "bert";
  fs::copy(kFixtures / "models/bert", model);
  std::ofstream(model / "config.json") << R"({"z": 1e-12, "a": "é", "m": {"y": 1, "x": null}})";
  write_calibration(model, {}, {1.5, {}});
  const std::string text(MappedFile(model / "config.json").text());
  CHECK(text ==
        "{\n  \"z\": 1e-12,\n  \"a\": \"é\",\n  \"m\": {\n    \"y\": 1,\n    \"x\": null\n  },"
        "\n  \"valence_calibration\": {\n    \"temperature\": 1.5\n  }\n}\n");
  CHECK_THROWS_AS(write_calibration(model, model, {1, {}}), Error);
  CHECK_THROWS_AS(write_calibration(model, folder.path / "m.gguf", {1, {}}), Error);
  std::ofstream(model / "config.json") << "{";
  CHECK_THROWS_AS(write_calibration(model, folder.path / "copy", {1, {}}), Error);
  CHECK_FALSE(fs::exists(folder.path / "copy"));
  CHECK_FALSE(fs::exists(folder.path / "copy.partial"));
}

}  // namespace
}  // namespace valence
