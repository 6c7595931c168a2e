// GGUF files as llama.cpp's converter writes them, without our own keys.
#include "format/gguf_model.h"

#include <array>

#include "format/support.h"

namespace valence {
namespace {

constexpr std::uint64_t kHidden = 8;
constexpr std::uint64_t kLabels = 3;
constexpr const char* kSpace = "\u2581";

ModelFile read(const GgufBytes& file) {
  static std::string bytes;  // outlives the model, which borrows from it
  bytes = file.bytes();
  return gguf_to_model(parse_gguf(bytes_of_text(bytes), "m.gguf"));
}

GgufBytes sizes() {
  return GgufBytes()
      .text("general.architecture", "bert")
      .u32("bert.block_count", 2)
      .u32("bert.context_length", 16)
      .u32("bert.embedding_length", kHidden)
      .u32("bert.feed_forward_length", 32)
      .u32("bert.attention.head_count", 4)
      .f32("bert.attention.layer_norm_epsilon", 1e-5F)
      .texts("bert.classifier.output_labels", {"sad", "so-so", "glad"});
}

GgufBytes& with_head(GgufBytes& file) {
  return file.zeros("cls.weight", {kHidden, kHidden})
      .zeros("cls.bias", {kHidden})
      .zeros("cls.output.weight", {kHidden, kLabels})
      .zeros("cls.output.bias", {kLabels});
}

GgufBytes& with_wordpiece(GgufBytes& file) {
  const std::string space = kSpace;
  return file.text("tokenizer.ggml.model", "bert")
      .texts("tokenizer.ggml.tokens", {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused1]",
                                       space + "good", "ness", space + "[", space + "##"})
      .numbers<std::int32_t>("tokenizer.ggml.token_type", 5, {3, 3, 3, 3, 3, 1, 1, 1, 1, 1})
      .u32("tokenizer.ggml.unknown_token_id", 1)
      .u32("tokenizer.ggml.cls_token_id", 2)
      .u32("tokenizer.ggml.seperator_token_id", 3)
      .u32("tokenizer.ggml.padding_token_id", 0)
      .u32("tokenizer.ggml.mask_token_id", 4);
}

GgufBytes bert() {
  GgufBytes file = sizes();
  with_head(with_wordpiece(file));
  return file.zeros("token_types.weight", {kHidden, 2});
}

GgufBytes bpe() {
  GgufBytes file = sizes();
  with_head(file);
  return file.text("tokenizer.ggml.model", "gpt2")
      .text("tokenizer.ggml.pre", "roberta-bpe")
      .texts("tokenizer.ggml.tokens", {"<s>", "<pad>", "</s>", "<unk>", "a", "b", "ab", "<mask>"})
      .numbers<std::int32_t>("tokenizer.ggml.token_type", 5, {3, 3, 3, 3, 1, 1, 1, 3})
      .texts("tokenizer.ggml.merges", {"a b"})
      .u32("tokenizer.ggml.bos_token_id", 0)
      .u32("tokenizer.ggml.eos_token_id", 2)
      .u32("tokenizer.ggml.padding_token_id", 1)
      .u32("tokenizer.ggml.mask_token_id", 7)
      .boolean("tokenizer.ggml.add_bos_token", true)
      .boolean("tokenizer.ggml.add_eos_token", true)
      .zeros("token_types.weight", {kHidden, 1});
}

GgufBytes unigram() {
  GgufBytes file = sizes();
  with_head(file);
  return file.text("tokenizer.ggml.model", "t5")
      .texts("tokenizer.ggml.tokens", {"<s>", "<pad>", "</s>", "<unk>", kSpace, "a"})
      .numbers<std::int32_t>("tokenizer.ggml.token_type", 5, {3, 3, 3, 2, 1, 1})
      .numbers<float>("tokenizer.ggml.scores", 6, {0, 0, 0, 0, -1.5F, -2.5F})
      .numbers<std::int8_t>("tokenizer.ggml.precompiled_charsmap", 1, {-1, 0, 16})
      .u32("tokenizer.ggml.unknown_token_id", 3);
}

TEST_CASE("a BERT of llama.cpp's converter gets a config of Hugging Face's kind") {
  const ModelFile model = read(bert());
  CHECK(model.naming == TensorNaming::kGguf);
  CHECK(model.config.at("model_type") == "bert");
  CHECK(model.config.at("architectures") == Json::array({"BertForSequenceClassification"}));
  CHECK(model.config.at("hidden_size") == kHidden);
  CHECK(model.config.at("num_hidden_layers") == 2);
  CHECK(model.config.at("num_attention_heads") == 4);
  CHECK(model.config.at("intermediate_size") == 32);
  CHECK(model.config.at("max_position_embeddings") == 16);
  CHECK(model.config.at("layer_norm_eps").get<float>() == 1e-5F);
  CHECK(model.config.at("hidden_act") == "gelu");
  CHECK(model.config.at("vocab_size") == 10);
  CHECK(model.config.at("type_vocab_size") == 2);
  CHECK(model.config.at("id2label").at("2") == "glad");
  CHECK(model.config.at("label2id").at("sad") == 0);
}

TEST_CASE("WordPiece tokens get their marks back") {
  const TokenizerSpec spec = read(bert()).tokenizer;
  CHECK(spec.tokens == std::vector<std::string>{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
                                                "[unused1]", "good", "##ness", "[", "##"});
  CHECK(spec.pipeline.at("normalizer").at("lowercase") == true);
  CHECK(spec.pipeline.at("normalizer").at("strip_accents").is_null());
  CHECK(spec.pipeline.at("model").at("unk_token") == "[UNK]");
  CHECK(spec.pipeline.at("added_tokens").size() == 5);
  const Json& processor = spec.pipeline.at("post_processor");
  CHECK(processor.at("single").at(0).at("SpecialToken").at("id") == "[CLS]");
  CHECK(processor.at("special_tokens").at("[SEP]").at("ids") == Json::array({3}));
  CHECK(processor.at("pair").at(3).at("Sequence").at("type_id") == 1);
}

TEST_CASE("a matrix gets its outliers, and no other one") {
  GgufBytes file = bert();
  file.numbers<std::int32_t>("valence.outliers.cls.output.weight", 5, {2, 2, 7});
  for (const auto& [name, tensor] : read(file).tensors)
    CHECK(tensor.outliers == (name == "cls.output.weight" ? std::vector<std::int32_t>{2, 2, 7}
                                                          : std::vector<std::int32_t>{}));
}

TEST_CASE("a note says when lower-casing is only assumed") {
  const auto mentions = [](const ModelFile& model) {
    for (const std::string& note : model.notes)
      if (note.find("lower-cases") != std::string::npos) return true;
    return false;
  };
  CHECK(mentions(read(bert())));
  GgufBytes cased = bert();
  cased.boolean("tokenizer.ggml.normalizer.lowercase", false);
  const ModelFile model = read(cased);
  CHECK(!mentions(model));
  CHECK(model.tokenizer.pipeline.at("normalizer").at("lowercase") == false);
}

TEST_CASE("without token types a WordPiece classifier is a DistilBERT, and a note says so") {
  GgufBytes file = sizes();
  with_head(with_wordpiece(file));
  const ModelFile model = read(file);
  CHECK(model.config.at("model_type") == "distilbert");
  CHECK(model.config.at("dim") == kHidden);
  CHECK(model.config.at("n_layers") == 2);
  REQUIRE(!model.notes.empty());
  CHECK(model.notes[0].find("DistilBERT") != std::string::npos);
}

TEST_CASE("byte-level BPE means RoBERTa") {
  const ModelFile model = read(bpe());
  CHECK(model.config.at("model_type") == "roberta");
  CHECK(model.config.at("pad_token_id") == 1);
  CHECK(model.config.at("type_vocab_size") == 1);
  const TokenizerSpec& spec = model.tokenizer;
  CHECK(spec.merges == std::vector<std::pair<std::string, std::string>>{{"a", "b"}});
  CHECK(spec.pipeline.at("post_processor").at("type") == "RobertaProcessing");
  CHECK(spec.pipeline.at("post_processor").at("cls") == Json::array({"<s>", 0}));
  CHECK(spec.pipeline.at("post_processor").at("sep") == Json::array({"</s>", 2}));
  for (const Json& token : spec.pipeline.at("added_tokens"))
    CHECK(token.at("lstrip") == (token.at("content") == "<mask>"));
}

TEST_CASE("Unigram means XLM-RoBERTa") {
  const ModelFile model = read(unigram());
  CHECK(model.config.at("model_type") == "xlm-roberta");
  const TokenizerSpec& spec = model.tokenizer;
  CHECK(spec.scores == std::vector<double>{0, 0, 0, 0, -1.5, -2.5});
  CHECK(spec.pipeline.at("model").at("unk_id") == 3);
  CHECK(spec.pipeline.at("normalizer").at("precompiled_charsmap") == "/wAQ");
  CHECK(spec.pipeline.at("pre_tokenizer").at("pretokenizers").size() == 2);
  CHECK(spec.pipeline.at("post_processor").at("pair").size() == 6);
}

struct Wrong {
  std::string what;
  GgufBytes file;
  std::string part;
  ErrorCode code = ErrorCode::kCorrupt;
};

std::vector<Wrong> damaged_models() {
  GgufBytes no_cls = sizes();
  with_wordpiece(no_cls)
      .zeros("token_types.weight", {kHidden, 2})
      .zeros("cls.output.weight", {kHidden, kLabels});
  GgufBytes classifier_as_cls = sizes();
  with_wordpiece(classifier_as_cls)
      .zeros("token_types.weight", {kHidden, 2})
      .zeros("cls.weight", {kHidden, kLabels});
  GgufBytes roberta_without = sizes();
  roberta_without.text("tokenizer.ggml.model", "gpt2")
      .texts("tokenizer.ggml.tokens", {"a"})
      .zeros("cls.output.weight", {kHidden, kLabels});
  GgufBytes two_names = GgufBytes()
                            .text("general.architecture", "bert")
                            .u32("bert.embedding_length", kHidden)
                            .u32("bert.block_count", 1)
                            .u32("bert.context_length", 1)
                            .u32("bert.feed_forward_length", 1)
                            .u32("bert.attention.head_count", 1)
                            .texts("bert.classifier.output_labels", {"one", "two"});
  with_head(with_wordpiece(two_names)).zeros("token_types.weight", {kHidden, 2});
  return {
      {"pooler dropped", no_cls, "dropped BERT's pooler"},
      {"pooler dropped, what to do", no_cls, "valence convert"},
      {"classifier named cls", classifier_as_cls, "dropped BERT's pooler"},
      {"RoBERTa without its dense layer", roberta_without, "cls.weight of shape [8, 8] is missing"},
      {"two names for three labels", two_names, "2 names for 3 labels"},
  };
}

std::vector<Wrong> strangers() {
  GgufBytes llm = GgufBytes().text("general.architecture", "llama").zeros("output.weight", {4});
  GgufBytes embedding = sizes();
  with_wordpiece(embedding).zeros("token_embd.weight", {kHidden, 10});
  GgufBytes other = GgufBytes().text("general.architecture", "modern-bert");
  with_head(other);
  GgufBytes spm = sizes();
  with_head(spm).text("tokenizer.ggml.model", "llama").texts("tokenizer.ggml.tokens", {"a"});
  GgufBytes quantised = bert();
  quantised.info("blk.0.attn_q.weight", {256}, 12, quantised.data.size());
  quantised.data.append(160, '\0');
  const auto no = ErrorCode::kUnsupported;
  return {
      {"language model", llm, "architecture llama without a classifier", no},
      {"embedding model", embedding, "without a classifier (no tensor cls.output)", no},
      {"another architecture", other, "architecture modern-bert are not known", no},
      {"SentencePiece BPE", spm, "tokenizer \"llama\" is not known", no},
      {"quantised otherwise", quantised, "blk.0.attn_q.weight is of type Q4_K", no},
      {"quantised otherwise, what to do", quantised, "--type q8_0", no},
      {"no architecture", GgufBytes(), "general.architecture is missing"},
  };
}

std::vector<Wrong> broken_keys() {
  const auto bert_and = [](const std::function<void(GgufBytes&)>& damage) {
    GgufBytes file = bert();
    damage(file);
    return file;
  };
  GgufBytes types = sizes();
  with_head(types)
      .text("tokenizer.ggml.model", "bert")
      .texts("tokenizer.ggml.tokens", {"a", "b"})
      .numbers<std::int32_t>("tokenizer.ggml.token_type", 5, {1});
  GgufBytes short_list = sizes();
  with_head(short_list)
      .text("tokenizer.ggml.model", "bert")
      .texts("tokenizer.ggml.tokens", {"a", "b"});
  GgufBytes unknown_id = sizes();
  with_head(unknown_id)
      .text("tokenizer.ggml.model", "bert")
      .texts("tokenizer.ggml.tokens", {"a", "b"})
      .u32("tokenizer.ggml.cls_token_id", 9);
  GgufBytes merge = sizes();
  with_head(merge)
      .text("tokenizer.ggml.model", "gpt2")
      .texts("tokenizer.ggml.tokens", {"a", "b"})
      .texts("tokenizer.ggml.merges", {"ab"});
  GgufBytes scores = sizes();
  with_head(scores)
      .text("tokenizer.ggml.model", "t5")
      .texts("tokenizer.ggml.tokens", {"a", "b"})
      .numbers<float>("tokenizer.ggml.scores", 6, {1});
  return {
      {"config no JSON", bert_and([](GgufBytes& f) { f.text("valence.config", "{"); }),
       "valence.config: not valid JSON"},
      {"config no object", bert_and([](GgufBytes& f) { f.text("valence.config", "3"); }),
       "expected an object"},
      {"config no string", bert_and([](GgufBytes& f) { f.u32("valence.config", 3); }),
       "expected a string"},
      {"tokenizer no JSON", bert_and([](GgufBytes& f) { f.text("valence.tokenizer", "nope"); }),
       "valence.tokenizer: not valid JSON"},
      {"too many tokens claimed",
       bert_and([](GgufBytes& f) { f.u32("valence.tokenizer.vocab_size", 11); }),
       "11 is more than the 10 tokens"},
      {"exact tokens of another number",
       bert_and([](GgufBytes& f) { f.texts("valence.tokenizer.tokens", {"x"}); }),
       "1 tokens, expected 10"},
      {"odd exact merges",
       bert_and([](GgufBytes& f) { f.texts("valence.tokenizer.merges", {"x"}); }), "odd number"},
      {"window of 0", bert_and([](GgufBytes& f) { f.u32("valence.max_length", 0); }),
       "0 is not between 1 and"},
      {"outliers that are no columns", bert_and([](GgufBytes& f) {
         f.numbers<std::int32_t>("valence.outliers.cls.output.weight", 5, {0, kHidden});
       }),
       "valence.outliers.cls.output.weight: the matrix has 8 columns"},
      {"more outliers than columns", bert_and([](GgufBytes& f) {
         f.numbers<std::int32_t>("valence.outliers.cls.output.weight", 5,
                                 std::vector<std::int32_t>(kHidden + 1));
       }),
       "more than columns"},
      {"outliers of a vector", bert_and([](GgufBytes& f) {
         f.numbers<std::int32_t>("valence.outliers.cls.output.bias", 5, {0});
       }),
       "no matrix"},
      {"fewer types than tokens", types, "1 types for 2 tokens"},
      {"no special tokens", short_list, "does not name it"},
      {"special token beyond the vocabulary", unknown_id, "9 is no id of the 2 tokens"},
      {"merge of one token", merge, "\"ab\" is not two tokens"},
      {"fewer scores than tokens", scores, "1 scores for 2 tokens"},
  };
}

TEST_CASE("GGUF files that are no sound classifier are refused with a reason") {
  for (const auto& list : {damaged_models(), strangers(), broken_keys()})
    for (const Wrong& wrong : list) {
      CAPTURE(wrong.what);
      expect_error(wrong.code, wrong.part, [&] { read(wrong.file); });
    }
}

}  // namespace
}  // namespace valence
