// Fast paths against the general way through the same pipeline.
#include "text/fast_path.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "format/hf_tokenizer.h"
#include "text/byte_level_words.h"
#include "text/pattern.h"
#include "text/random_text.h"
#include "text/split_by.h"
#include "text/tokenizer.h"

namespace valence {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(VALENCE_FIXTURES) / "tokenizers";
constexpr int kRandomTexts = 4000;

bool is_equal(const Encoding& a, const Encoding& b) {
  const auto same = [](TextSpan x, TextSpan y) { return x.begin == y.begin && x.end == y.end; };
  return a.ids == b.ids && a.type_ids == b.type_ids &&
         std::equal(a.offsets.begin(), a.offsets.end(), b.offsets.begin(), b.offsets.end(), same);
}

Encoding general(const Pipeline& pipeline, std::string_view text) {
  Encoding out;
  pipeline.tokenize(text, 0, static_cast<std::uint32_t>(text.size()), out);
  out.type_ids.assign(out.size(), 0);
  return out;
}

std::vector<std::string> special_texts() {
  return {"",
          " ",
          "   ",
          "a",
          "\n\n",
          std::string(23, 'a'),
          std::string(24, 'b'),
          std::string(100, 'c') + " " + std::string(101, 'C'),
          "don't  stop\r\n\r\nnow ",
          std::string("a\x01") + "b caf\xC3\xA9-cafe\xCC\x81!x",
          std::string("nul\0 nul \0nul", 13),
          "\xE4\xB8\xAD\xE6\x96\x87 text\xE4\xB8\xAD",
          " leading and [MASK] in <mask> between"};
}

// Two passes: words come out of the cache in the second.
void check(const TokenizerSpec& spec, const std::vector<std::string>& texts) {
  const Pipeline pipeline(spec);
  const Tokenizer tokenizer(spec);
  REQUIRE(make_fast_path(pipeline) != nullptr);
  for (int pass = 0; pass < 2; ++pass)
    for (const std::string& text : texts) {
      CAPTURE(text);
      REQUIRE(is_equal(tokenizer.tokenize(text), general(pipeline, text)));
    }
}

std::vector<std::string> random_texts(std::uint32_t seed) {
  std::vector<std::string> texts = special_texts();
  RandomText random(seed);
  for (int i = 0; i < kRandomTexts; ++i) texts.push_back(random.next());
  return texts;
}

TokenizerSpec read(const std::filesystem::path& folder) {
  return read_hf_tokenizer(folder, Json::object()).spec;
}

Json added(const std::string& content, bool normalized) {
  return {{"content", content}, {"normalized", normalized}, {"lstrip", true}};
}

// Byte-level BPE with a vocabulary of all bytes and of the merges given.
TokenizerSpec byte_level(const Json& pre_tokenizer,
                         std::vector<std::pair<std::string, std::string>> merges) {
  TokenizerSpec spec;
  spec.pipeline = {{"model", {{"type", "BPE"}}},
                   {"pre_tokenizer", pre_tokenizer},
                   {"post_processor", {{"type", "ByteLevel"}, {"trim_offsets", true}}}};
  for (unsigned byte = 0; byte < 256; ++byte)
    append_utf8(spec.tokens.emplace_back(),
                byte_level_code_point(static_cast<unsigned char>(byte)));
  for (const auto& [left, right] : merges) spec.tokens.push_back(left + right);
  spec.merges = std::move(merges);
  return spec;
}

TEST_CASE("BERT: the fast path gives the pipeline's ids and offsets") {
  check(read(kFolder / "bert-plain"), random_texts(1));
  check(read(kFolder / "bert-cased"), random_texts(2));
}

TEST_CASE("BERT with settings and added tokens of all kinds") {
  for (const bool flag : {true, false}) {
    TokenizerSpec spec = read(kFolder / "bert-plain");
    spec.pipeline["normalizer"]["clean_text"] = flag;
    spec.pipeline["normalizer"]["strip_accents"] = !flag;
    spec.pipeline["normalizer"]["handle_chinese_chars"] = flag;
    check(spec, random_texts(3));
    spec.pipeline["added_tokens"].push_back(added("The", true));
    spec.pipeline["added_tokens"].push_back(added("d m", true));
    spec.pipeline["added_tokens"].push_back(added("\xC3\xA9", false));
    check(spec, random_texts(4));
  }
}

TEST_CASE("byte-level BPE: the fast path gives the pipeline's ids and offsets") {
  const std::vector<std::pair<std::string, std::string>> merges{
      {"t", "h"}, {"th", "e"},  {"Ġ", "the"}, {"Ġ", "t"},
      {"a", "a"}, {"aa", "aa"}, {"Ã", "©"},   {"Ġ", "Ġ"}};
  for (const bool prefix : {false, true}) {
    TokenizerSpec spec = byte_level({{"type", "ByteLevel"}, {"add_prefix_space", prefix}}, merges);
    check(spec, random_texts(5));
    spec.pipeline["post_processor"]["add_prefix_space"] = prefix;
    spec.pipeline["added_tokens"] = {added("<mask>", false), added("the", true)};
    check(spec, random_texts(6));
  }
  for (const std::string_view expression : {kGpt2Expression, kLlama3Expression, kQwen2Expression})
    check(byte_level(split_by(expression), merges), random_texts(7));
}

TEST_CASE("Unigram: the fast path gives the pipeline's ids and offsets") {
  const std::filesystem::path models = kFolder.parent_path() / "models";
  for (const char* name : {"xlm-roberta", "camembert-own-specials", "albert-lower-case"}) {
    CAPTURE(name);
    TokenizerSpec spec = read(models / name);
    check(spec, random_texts(10));
    for (const char* scheme : {"first", "never"}) {
      spec.pipeline["pre_tokenizer"]["prepend_scheme"] = scheme;
      check(spec, random_texts(11));
    }
    spec.pipeline["pre_tokenizer"]["prepend_scheme"] = "always";
    spec.pipeline["pre_tokenizer"] = {
        {"type", "Sequence"},
        {"pretokenizers", {{{"type", "WhitespaceSplit"}}, spec.pipeline["pre_tokenizer"]}}};
    spec.pipeline["added_tokens"].push_back(added("the movie", true));
    check(spec, random_texts(12));
  }
}

TEST_CASE("pipelines of another kind have no fast path") {
  TokenizerSpec spec = read(kFolder / "bert-plain");
  spec.pipeline["added_tokens"].push_back(added("\xEF\xBF\xBD", false));
  CHECK(make_fast_path(Pipeline(spec)) == nullptr);
  spec = byte_level(split_by("a+"), {});
  CHECK(make_fast_path(Pipeline(spec)) == nullptr);
  spec = byte_level({{"type", "ByteLevel"}, {"add_prefix_space", false}}, {});
  spec.pipeline["normalizer"] = {{"type", "Lowercase"}};
  CHECK(make_fast_path(Pipeline(spec)) == nullptr);
}

std::vector<std::size_t> ends_of_matches(const Pattern& pattern, std::string_view text) {
  std::vector<std::size_t> ends;
  for (const Match& match : pattern.find(text)) ends.push_back(match.end);
  return ends;
}

std::vector<std::size_t> ends_of_words(EndOfWord end_of_word, std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t pos = 0; pos < text.size();) ends.push_back(pos = end_of_word(text, pos));
  return ends;
}

TEST_CASE("words are the matches of their regular expression") {
  for (const std::string_view expression : {kGpt2Expression, kLlama3Expression, kQwen2Expression}) {
    const auto pattern = make_regex(expression, "here");
    const EndOfWord end_of_word = find_byte_level_words(expression);
    REQUIRE((end_of_word != nullptr));
    RandomText random(8);
    for (int i = 0; i < kRandomTexts; ++i) {
      const std::string text = replace_invalid_utf8(random.next());
      if (text.empty()) continue;
      CAPTURE(text);
      REQUIRE(ends_of_words(end_of_word, text) == ends_of_matches(*pattern, text));
    }
    std::string all;
    for (char32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 7) {
      append_utf8(all, c);
      if (c % 3 == 0) all += 'a';
    }
    REQUIRE(ends_of_words(end_of_word, all) == ends_of_matches(*pattern, all));
  }
  CHECK((find_byte_level_words("a+") == nullptr));
}

TEST_CASE("threads that share a tokenizer get what one gets") {
  const TokenizerSpec spec = read(kFolder / "bert-plain");
  const Pipeline pipeline(spec);
  const Tokenizer tokenizer(spec);
  std::vector<std::string> texts = random_texts(9);
  texts.resize(400);
  std::vector<Encoding> wanted;
  wanted.reserve(texts.size());
  for (const std::string& text : texts) wanted.push_back(general(pipeline, text));
  std::array<bool, 4> equal{};
  std::vector<std::thread> threads;
  threads.reserve(equal.size());
  for (bool& mine : equal)
    threads.emplace_back([&] {
      mine = true;
      for (std::size_t i = 0; i < texts.size(); ++i)
        mine = mine && is_equal(tokenizer.tokenize(texts[i]), wanted[i]);
    });
  for (std::thread& thread : threads) thread.join();
  for (const bool mine : equal) CHECK(mine);
}

// Larger: real vocabularies over the labelled files, line by line, commas and quotes and all.
TEST_CASE("real vocabularies and texts") {
  const char* tokenizers = std::getenv("VALENCE_TOKENIZERS");
  const char* data = std::getenv("VALENCE_DATA");
  if (tokenizers == nullptr || data == nullptr) return;
  std::vector<std::string> lines;
  for (const char* name : {"sst2_dev.csv", "tweeteval_val.csv"}) {
    const MappedFile file(std::filesystem::path(data) / name);
    for (std::string_view rest = file.text(); !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      lines.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  check(read(std::filesystem::path(tokenizers) / "bert-base-uncased"), lines);
}

}  // namespace
}  // namespace valence
