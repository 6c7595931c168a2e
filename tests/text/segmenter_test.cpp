#include "text/segmenter.h"

#include <doctest/doctest.h>

#include <string>

#include "text/tokenizer.h"
#include "valence/error.h"

namespace valence {
namespace {

TokenizerSpec spec_of(Json model, std::vector<std::string> tokens) {
  TokenizerSpec spec;
  spec.pipeline = {{"model", std::move(model)}};
  spec.tokens = std::move(tokens);
  return spec;
}

Json bpe() {
  return {{"type", "BPE"}, {"unk_token", "?"}};
}

std::vector<std::int32_t> ids(const TokenizerSpec& spec, const std::string& text) {
  return Tokenizer(spec).tokenize(text).ids;
}

using Ids = std::vector<std::int32_t>;

TEST_CASE("BPE merges the best-ranked pair first") {
  TokenizerSpec spec = spec_of(bpe(), {"?", "a", "b", "c", "ab", "bc", "abc"});
  spec.merges = {{"b", "c"}, {"a", "b"}, {"a", "bc"}};
  CHECK(ids(spec, "abc") == Ids{6});
  CHECK(ids(spec, "ab") == Ids{4});
  CHECK(ids(spec, "xbc") == Ids{0, 5});
}

TEST_CASE("BPE refuses dropout and merges of unknown tokens") {
  Json model = bpe();
  model["dropout"] = 0.1;
  CHECK_THROWS_AS(Tokenizer(spec_of(model, {"?"})), Error);
  TokenizerSpec spec = spec_of(bpe(), {"?", "a"});
  spec.merges = {{"a", "b"}};
  CHECK_THROWS_AS(Tokenizer{spec}, Error);
}

TEST_CASE("a missing unknown token is an error only where it is needed") {
  const Json model = {{"type", "WordLevel"}, {"unk_token", "?"}};
  CHECK(ids(spec_of(model, {"a"}), "a") == Ids{0});
  CHECK_THROWS_AS(ids(spec_of(model, {"a"}), "b"), Error);
}

TEST_CASE("Unigram needs a score for each token") {
  TokenizerSpec spec = spec_of({{"type", "Unigram"}, {"unk_id", 0}}, {"?", "a"});
  spec.scores = {0};
  CHECK_THROWS_AS(Tokenizer{spec}, Error);
  spec.scores = {0, -1};
  CHECK(ids(spec, "aax") == Ids{1, 1, 0});
}

TEST_CASE("a pipeline without a model, or of an unknown one, is refused") {
  CHECK_THROWS_AS(Tokenizer(spec_of(nullptr, {"a"})), Error);
  CHECK_THROWS_AS(Tokenizer(spec_of({{"type", "Nonsense"}}, {"a"})), Error);
  CHECK_THROWS_AS(Tokenizer(TokenizerSpec{}), Error);
}

}  // namespace
}  // namespace valence
