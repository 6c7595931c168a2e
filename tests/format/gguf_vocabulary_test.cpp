// Tokenizers rebuilt from llama.cpp's keys alone, held against llama.cpp's own test texts and ids.
// The files are looked for in VALENCE_TOKENIZERS/gguf-vocab.
#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <sstream>

#include "base/mapped_file.h"
#include "format/gguf_tokenizer.h"
#include "format/support.h"
#include "text/tokenizer.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

std::string tokenizers_folder() {
  const char* folder = std::getenv("VALENCE_TOKENIZERS");
  if (folder == nullptr) MESSAGE("not run: VALENCE_TOKENIZERS names no folder");
  return folder == nullptr ? "" : folder;
}

std::vector<std::string> texts_of(const fs::path& path) {
  const MappedFile file(path);
  const std::string_view all = file.text();
  constexpr std::string_view kSeparator = "\n__ggml_vocab_test__\n";
  std::vector<std::string> texts;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find(kSeparator, begin), all.size());
    texts.emplace_back(all.substr(begin, end - begin));
    begin = end + kSeparator.size();
  }
  return texts;
}

std::vector<std::vector<std::int32_t>> ids_of(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::vector<std::int32_t>> lines;
  for (std::string line; std::getline(file, line);) {
    std::istringstream numbers(line);
    lines.emplace_back(std::istream_iterator<std::int32_t>(numbers),
                       std::istream_iterator<std::int32_t>());
  }
  return lines;
}

void check_vocabulary(const fs::path& base, const Tokenizer& tokenizer) {
  const auto texts = texts_of(base.string() + ".inp");
  const auto wanted = ids_of(base.string() + ".out");
  REQUIRE(!texts.empty());
  REQUIRE(texts.size() == wanted.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CAPTURE(texts[i]);
    CHECK(tokenizer.tokenize(texts[i]).ids == wanted[i]);
  }
}

Tokenizer rebuilt(std::span<const std::byte> bytes) {
  std::vector<std::string> notes;
  return Tokenizer(read_gguf_tokenizer(parse_gguf(bytes, "vocabulary").metadata, notes));
}

TEST_CASE("vocabularies of llama.cpp give its ids") {
  if (tokenizers_folder().empty()) return;
  for (const char* name : {"ggml-vocab-bert-bge.gguf", "ggml-vocab-gpt-2.gguf"}) {
    CAPTURE(std::string(name));
    const fs::path path = fs::path(tokenizers_folder()) / "gguf-vocab" / name;
    const MappedFile file(path);
    check_vocabulary(path, rebuilt(file.bytes()));
  }
}

// RoBERTa's vocabulary as the converter would write it.
std::string roberta_gguf(const fs::path& folder) {
  const MappedFile vocab_file(folder / "vocab-roberta-base.json");
  const Json vocab = parse_json(vocab_file.text(), "vocab");
  std::vector<std::string> tokens(vocab.size());
  for (const auto& [token, id] : vocab.items()) tokens.at(id.get<std::size_t>()) = token;
  std::vector<std::string> merges;
  std::ifstream file(folder / "merges-roberta-base.txt");
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && !line.starts_with("#version")) merges.push_back(line);
  return GgufBytes()
      .text("tokenizer.ggml.model", "gpt2")
      .text("tokenizer.ggml.pre", "roberta-bpe")
      .texts("tokenizer.ggml.tokens", tokens)
      .texts("tokenizer.ggml.merges", merges)
      .u32("tokenizer.ggml.bos_token_id", 0)
      .u32("tokenizer.ggml.eos_token_id", 2)
      .u32("tokenizer.ggml.padding_token_id", 1)
      .bytes();
}

TEST_CASE("RoBERTa's vocabulary gives llama.cpp's ids") {
  if (tokenizers_folder().empty()) return;
  const fs::path folder = tokenizers_folder();
  const std::string file = roberta_gguf(folder / "roberta-base");
  check_vocabulary(folder / "gguf-vocab" / "ggml-vocab-roberta-bpe.gguf",
                   rebuilt(bytes_of_text(file)));
}

}  // namespace
}  // namespace valence
