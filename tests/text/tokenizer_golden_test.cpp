// Ids, offsets and type ids as the reference made them (tests/fixtures/tokenizers).
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "base/json.h"
#include "base/mapped_file.h"
#include "format/hf_tokenizer.h"
#include "text/tokenizer.h"
#include "valence/error.h"

namespace valence {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(VALENCE_FIXTURES) / "tokenizers";

Json read_json(const std::filesystem::path& path) {
  return parse_json(MappedFile(path).text(), path.string());
}

std::string from_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return out;
}

Json offsets_of(const Encoding& encoding) {
  Json out = Json::array();
  for (const TextSpan span : encoding.offsets) out.push_back({span.begin, span.end});
  return out;
}

void check_texts(const Tokenizer& tokenizer, const Json& texts) {
  REQUIRE(!texts.empty());
  for (const Json& want : texts) {
    const std::string hex = want["text"].get<std::string>();
    CAPTURE(hex);
    const Encoding content = tokenizer.tokenize(from_hex(hex));
    const Encoding got = tokenizer.with_specials(content, 0, content.size());
    CHECK(Json(got.ids) == want["ids"]);
    CHECK(offsets_of(got) == want["offsets"]);
    CHECK(Json(got.type_ids) == want["types"]);
    CHECK(got.size() == content.size() + tokenizer.special_count());
  }
}

TEST_CASE("tokenizer.json documents give the reference's ids and offsets") {
  const Json cases = read_json(kFolder / "cases.json")["cases"];
  REQUIRE(cases.size() > 30);
  for (const Json& entry : cases) {
    const std::string name = entry["name"].get<std::string>();
    CAPTURE(name);
    check_texts(Tokenizer(parse_tokenizer_json(entry["tokenizer"].dump(), name)), entry["texts"]);
  }
}

TEST_CASE("folders without tokenizer.json become the tokenizers that transformers builds") {
  for (const char* name : {"bert-plain", "bert-cased", "bert-more-tokens", "bert-special-map",
                           "roberta-plain", "roberta-prefix"}) {
    CAPTURE(name);
    const std::filesystem::path folder = kFolder / name;
    check_texts(Tokenizer(read_hf_tokenizer(folder, Json::object()).spec),
                read_json(folder / "expected.json"));
  }
}

TEST_CASE("the stated maximum length is read, and a huge one means none") {
  CHECK(read_hf_tokenizer(kFolder / "bert-cased", Json::object()).max_length == 512);
  CHECK(read_hf_tokenizer(kFolder / "bert-more-tokens", Json::object()).max_length == 0);
  CHECK(read_hf_tokenizer(kFolder / "bert-plain", Json::object()).max_length == 0);
}

TEST_CASE("parts of a text and pairs get their special tokens") {
  const Tokenizer tokenizer(read_hf_tokenizer(kFolder / "bert-plain", Json::object()).spec);
  const Encoding text = tokenizer.tokenize("the good movie");
  REQUIRE(text.size() == 3);
  const Encoding part = tokenizer.with_specials(text, 1, 2);
  CHECK(part.ids == std::vector<std::int32_t>{2, text.ids[1], 3});
  const Encoding pair = tokenizer.with_specials(text, part);
  CHECK(pair.size() == 6 + tokenizer.pair_special_count());
  CHECK(pair.type_ids == std::vector<std::uint8_t>{0, 0, 0, 0, 0, 1, 1, 1, 1});
  CHECK_THROWS_AS(tokenizer.with_specials(text, 2, 4), Error);
}

}  // namespace
}  // namespace valence
