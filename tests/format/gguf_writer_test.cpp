#include "format/gguf_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>

#include "base/decode.h"
#include "base/half.h"
#include "format/gguf_keys.h"
#include "format/gguf_model.h"
#include "format/gguf_model_writer.h"
#include "format/support.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

ModelFile fixture(const std::string& name) {
  return open_model_file(fs::path(VALENCE_FIXTURES) / "models" / name);
}

GgufModel as_gguf(const ModelFile& source) {
  GgufModel model{source.config, source.tokenizer, source.max_length, {}};
  for (const auto& [name, tensor] : source.tensors)
    model.tensors.push_back({name, tensor.type, tensor, false});
  return model;
}

void check_same_tensors(const ModelFile& read, const ModelFile& source) {
  REQUIRE(read.tensors.size() == source.tensors.size());
  for (const auto& entry : source.tensors) {
    const std::string& name = entry.first;
    const Tensor& tensor = entry.second;
    CAPTURE(name);
    const Tensor& copy = read.tensors.at(name);
    CHECK(copy.type == tensor.type);
    CHECK(copy.shape == tensor.shape);
    CHECK(std::equal(copy.data.begin(), copy.data.end(), tensor.data.begin(), tensor.data.end()));
  }
}

void check_same(const ModelFile& read, const ModelFile& source) {
  CHECK(read.config == source.config);
  CHECK(read.max_length == source.max_length);
  CHECK(read.tokenizer.pipeline == source.tokenizer.pipeline);
  CHECK(read.tokenizer.tokens == source.tokenizer.tokens);
  CHECK(read.tokenizer.scores == source.tokenizer.scores);
  CHECK(read.tokenizer.merges == source.tokenizer.merges);
  CHECK(read.notes.empty());
  check_same_tensors(read, source);
}

TEST_CASE("config, tokenizer and tensors survive the way through GGUF exactly") {
  const TemporaryFolder folder;
  for (const char* name : {"bert", "bert-f16", "bert-bf16", "distilbert", "roberta", "xlm-roberta",
                           "camembert", "electra", "albert"}) {
    CAPTURE(std::string(name));
    const ModelFile source = fixture(name);
    const fs::path path = folder.path() / (std::string(name) + ".gguf");
    write_model_gguf(path, as_gguf(source));
    const ModelFile read = open_model_file(path);
    CHECK(read.format == "GGUF");
    CHECK(read.naming == TensorNaming::kGguf);
    check_same(read, source);
  }
}

// A model of one tensor around a tokenizer, written and read back.
struct RoundTrip {
  explicit RoundTrip(const TokenizerSpec& spec) {
    GgufModel model{{{"model_type", "bert"}}, spec, 0, {}};
    model.tensors.push_back({"token_embd.weight",
                             DType::kF32,
                             {DType::kF32, {1, 2}, std::as_bytes(std::span(kZeros))}});
    const fs::path path = folder.path() / "m.gguf";
    write_model_gguf(path, model);
    mapped = std::make_unique<MappedFile>(path);
    file = std::make_unique<GgufFile>(parse_gguf(mapped->bytes(), "m.gguf"));
    read = gguf_to_model(*file).tokenizer;
  }

  static constexpr std::array<float, 2> kZeros{};
  TemporaryFolder folder;
  std::unique_ptr<MappedFile> mapped;
  std::unique_ptr<GgufFile> file;
  TokenizerSpec read;
};

TEST_CASE("a WordPiece vocabulary that phantom spaces would change is kept beside them") {
  TokenizerSpec spec;
  spec.pipeline = {{"model", {{"type", "WordPiece"}, {"unk_token", "[UNK]"}}}};
  spec.tokens = {"[UNK]", "a", "##b"};
  const RoundTrip plain(spec);
  CHECK(plain.read.tokens == spec.tokens);
  CHECK(!plain.file->metadata.has(kKeyExactTokens));
  CHECK(*plain.file->metadata.strings(kKeyTokens) ==
        std::vector<std::string_view>{"[UNK]", "\u2581a", "b"});
  spec.tokens = {"[UNK]", "##\u2581x", "##[y]", ""};
  const RoundTrip awkward(spec);
  CHECK(awkward.read.tokens == spec.tokens);
  CHECK(awkward.file->metadata.has(kKeyExactTokens));
}

TEST_CASE("scores that need 64 bits are kept beside the 32 of llama.cpp") {
  TokenizerSpec spec;
  spec.pipeline = {{"model", {{"type", "Unigram"}, {"unk_id", 0}}}};
  spec.tokens = {"<unk>", "a"};
  spec.scores = {0, -0.5};
  const RoundTrip plain(spec);
  CHECK(plain.read.scores == spec.scores);
  CHECK(!plain.file->metadata.has(kKeyExactScores));
  spec.scores = {0, -0.1};
  const RoundTrip exact(spec);
  CHECK(exact.read.scores == spec.scores);
  CHECK(exact.file->metadata.has(kKeyExactScores));
}

TEST_CASE("merges of tokens with spaces are kept beside those of llama.cpp") {
  TokenizerSpec spec;
  spec.pipeline = {{"model", {{"type", "BPE"}}}};
  spec.tokens = {"a", " ", "a ", "a a"};
  spec.merges = {{"a", " "}, {"a ", "a"}};
  CHECK(RoundTrip(spec).read.merges == spec.merges);
}

TEST_CASE("added tokens stand in llama.cpp's list and not in our vocabulary") {
  TokenizerSpec spec;
  spec.pipeline = {{"added_tokens",
                    {{{"id", 0}, {"content", "<s>"}, {"special", true}},
                     {{"id", 3}, {"content", "<new>"}, {"special", false}}}},
                   {"model", {{"type", "BPE"}}}};
  spec.tokens = {"<s>", "a"};
  const RoundTrip trip(spec);
  CHECK(trip.read.tokens == spec.tokens);
  CHECK(*trip.file->metadata.strings(kKeyTokens) ==
        std::vector<std::string_view>{"<s>", "a", "", "<new>"});
  CHECK(trip.file->metadata.numbers(kKeyTokenTypes) == std::vector<double>{3, 1, 5, 4});
}

TEST_CASE("llama.cpp's keys say what it needs to load the classifier") {
  const TemporaryFolder folder;
  const ModelFile source = fixture("roberta");
  GgufModel model = as_gguf(source);
  for (GgufTensor& tensor : model.tensors) {
    if (tensor.name == "classifier.out_proj.weight") tensor.name = "cls.output.weight";
    if (tensor.name == "roberta.embeddings.word_embeddings.weight")
      tensor.name = "token_embd.weight";
  }
  write_model_gguf(folder.path() / "m.gguf", model);
  const MappedFile mapped(folder.path() / "m.gguf");
  const GgufFile file = parse_gguf(mapped.bytes(), "m.gguf");
  const GgufMetadata& keys = file.metadata;
  CHECK(keys.string("general.architecture") == "bert");
  CHECK(keys.integer("general.file_type") == 0);
  CHECK(keys.integer("bert.block_count") == source.config.at("num_hidden_layers"));
  CHECK(keys.integer("bert.embedding_length") == source.config.at("hidden_size"));
  CHECK(keys.integer("bert.feed_forward_length") == source.config.at("intermediate_size"));
  CHECK(keys.integer("bert.attention.head_count") == source.config.at("num_attention_heads"));
  CHECK(keys.boolean("bert.attention.causal") == false);
  CHECK(keys.integer("bert.pooling_type") == 4);
  const auto& labels = keys.need_strings("bert.classifier.output_labels");
  REQUIRE(labels.size() == source.config.at("id2label").size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    CHECK(labels[i] == source.config.at("id2label").at(std::to_string(i)).get<std::string>());
  CHECK(keys.string("tokenizer.ggml.model") == "gpt2");
  CHECK(keys.string("tokenizer.ggml.pre") == "roberta-bpe");
  CHECK(keys.boolean("tokenizer.ggml.add_bos_token") == true);
  const auto& tokens = keys.need_strings("tokenizer.ggml.tokens");
  CHECK(tokens.size() == static_cast<std::size_t>(file.tensors.at("token_embd.weight").shape[0]));
  CHECK(tokens[*keys.integer("tokenizer.ggml.bos_token_id")] == "<s>");
  CHECK(tokens[*keys.integer("tokenizer.ggml.seperator_token_id")] == "</s>");
  CHECK(tokens[*keys.integer("tokenizer.ggml.mask_token_id")] == "<mask>");
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Every block of a row has the scale of the row's largest value, and bytes nearest to the values.
void check_scaled_by_row(const Tensor& tensor, std::span<const float> values) {
  const std::vector<float> read = decode_all(tensor);
  REQUIRE(read.size() == values.size());
  for (std::size_t row = 0; row < 1024; ++row) {
    float largest = 0;
    for (std::size_t i = 0; i < 96; ++i)
      largest = std::max(largest, std::abs(values[row * 96 + i]));
    const std::uint16_t wanted = float_to_f16(largest / 127);
    for (std::size_t block = 3 * row; block < 3 * row + 3; ++block) {
      std::uint16_t scale = 0;
      std::memcpy(&scale, &tensor.data[block * kQ8BlockBytes], sizeof scale);
      CHECK(scale == wanted);
    }
    for (std::size_t i = row * 96; i < row * 96 + 96; ++i)
      CHECK(std::abs(read[i] - values[i]) <= f16_to_float(wanted) * 0.5001F);
  }
}

TEST_CASE("tensors are converted while they are written, in pieces") {
  const TemporaryFolder folder;
  std::vector<float> values(96 * 1024);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(static_cast<int>(i * 7919 % 2001) - 1000) / 256;
  const Tensor source{DType::kF32, {1024, 96}, std::as_bytes(std::span(values))};
  GgufModel model{{{"model_type", "bert"}}, {}, 0, {}};
  model.tokenizer.pipeline = {{"model", {{"type", "WordPiece"}}}};
  for (const DType type : {DType::kF32, DType::kF16, DType::kBF16, DType::kQ8_0})
    model.tensors.push_back({std::string(name_of(type)), type, source, false});
  model.tensors.push_back({"by row", DType::kQ8_0, source, true});
  write_model_gguf(folder.path() / "m.gguf", model);
  const MappedFile mapped(folder.path() / "m.gguf");
  const GgufFile file = parse_gguf(mapped.bytes(), "m.gguf");
  // Half a unit in the last place of the largest value, 3.9: 11 and 8 bits, and 1/254 of a block's.
  const std::map<DType, float> bounds{{DType::kF32, 0.0F},
                                      {DType::kF16, 0x1p-10F},
                                      {DType::kBF16, 0x1p-7F},
                                      {DType::kQ8_0, 0.0174F}};
  for (const auto& [type, bound] : bounds) {
    const std::vector<float> read = decode_all(file.tensors.at(std::string(name_of(type))));
    REQUIRE(read.size() == values.size());
    float worst = 0;
    for (std::size_t i = 0; i < read.size(); ++i)
      worst = std::max(worst, std::abs(read[i] - values[i]));
    CAPTURE(worst);
    CHECK(worst <= bound);
  }
  check_scaled_by_row(file.tensors.at("by row"), values);
}

TEST_CASE("a tensor that a type cannot hold is refused and leaves no file") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "m.gguf";
  GgufModel model{{{"model_type", "bert"}}, {}, 0, {}};
  model.tokenizer.pipeline = {{"model", {{"type", "WordPiece"}}}};
  const std::vector<float> values(33, 1.0F);
  model.tensors = {
      {"w", DType::kQ8_0, {DType::kF32, {33}, std::as_bytes(std::span(values))}, false}};
  expect_error(ErrorCode::kInvalidArgument, "w of shape [33] cannot be written as Q8_0",
               [&] { write_model_gguf(path, model); });
  const std::vector<float> infinite(32, INFINITY);
  model.tensors = {{"w", DType::kQ8_0, {DType::kF32, {32}, std::as_bytes(std::span(infinite))}}};
  expect_error(ErrorCode::kInvalidArgument, "the tensor w: a weight that is not a finite number",
               [&] { write_model_gguf(path, model); });
  CHECK(!fs::exists(path));
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("writing twice gives the same bytes") {
  const TemporaryFolder folder;
  const ModelFile source = fixture("bert");
  for (const char* name : {"a.gguf", "b.gguf"})
    write_model_gguf(folder.path() / name, as_gguf(source));
  CHECK(content_of(folder.path() / "a.gguf") == content_of(folder.path() / "b.gguf"));
}

}  // namespace
}  // namespace valence
