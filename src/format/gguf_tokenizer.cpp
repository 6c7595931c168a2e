#include "format/gguf_tokenizer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/base64.h"
#include "format/gguf_keys.h"
#include "format/phantom_space.h"
#include "valence/error.h"

namespace valence {
namespace {

constexpr const char* kMetaspace = "\u2581";

// By id; tokens without a type are normal.
std::vector<TokenType> read_types(const GgufMetadata& keys, std::size_t count) {
  std::vector<TokenType> types(count, TokenType::kNormal);
  const auto numbers = keys.numbers(kKeyTokenTypes);
  if (!numbers) return types;
  if (numbers->size() != count)
    keys.fail(kKeyTokenTypes,
              std::to_string(numbers->size()) + " types for " + std::to_string(count) + " tokens");
  for (std::size_t i = 0; i < count; ++i) {
    const double number = (*numbers)[i];
    if (number >= 1 && number <= 6) types[i] = static_cast<TokenType>(static_cast<int>(number));
  }
  return types;
}

std::vector<std::string> read_tokens(const GgufMetadata& keys, const std::vector<TokenType>& types,
                                     std::size_t count) {
  if (const auto* exact = keys.strings(kKeyExactTokens)) {
    if (exact->size() != count)
      keys.fail(kKeyExactTokens,
                std::to_string(exact->size()) + " tokens, expected " + std::to_string(count));
    return {exact->begin(), exact->end()};
  }
  const auto& stored = keys.need_strings(kKeyTokens);
  std::vector<std::string> tokens(stored.begin(),
                                  stored.begin() + static_cast<std::ptrdiff_t>(count));
  if (keys.need_string(kKeyTokenizerModel) != "bert") return tokens;
  for (std::size_t i = 0; i < count; ++i)
    tokens[i] = from_phantom_space(tokens[i], types[i] == TokenType::kControl);
  return tokens;
}

// llama.cpp's list is as long as that of the tokens, our exact one as the vocabulary.
std::vector<double> read_scores(const GgufMetadata& keys, std::size_t stored, std::size_t count) {
  const bool exact = keys.has(kKeyExactScores);
  const char* key = exact ? kKeyExactScores : kKeyScores;
  auto scores = keys.numbers(key);
  if (!scores) return {};
  if (scores->size() != (exact ? count : stored))
    keys.fail(key,
              std::to_string(scores->size()) + " scores for " + std::to_string(stored) + " tokens");
  scores->resize(count);
  return *std::move(scores);
}

std::vector<std::pair<std::string, std::string>> read_merges(const GgufMetadata& keys) {
  std::vector<std::pair<std::string, std::string>> merges;
  if (const auto* exact = keys.strings(kKeyExactMerges)) {
    if (exact->size() % 2 != 0) keys.fail(kKeyExactMerges, "an odd number of strings");
    for (std::size_t i = 0; i < exact->size(); i += 2)
      merges.emplace_back((*exact)[i], (*exact)[i + 1]);
    return merges;
  }
  const auto* stored = keys.strings(kKeyMerges);
  if (stored == nullptr) return merges;
  for (const std::string_view merge : *stored) {
    const std::size_t space = merge.find(' ', 1);
    if (space == std::string_view::npos)
      keys.fail(kKeyMerges, "\"" + std::string(merge) + "\" is not two tokens");
    merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
  }
  return merges;
}

// What the rebuilding below looks at.
struct Vocabulary {
  const GgufMetadata& keys;
  const std::vector<std::string>& tokens;
  const std::vector<TokenType>& types;

  // The id under `key`, or the fallback, if the vocabulary has it.
  std::optional<std::size_t> id(const char* key, std::optional<std::int64_t> fallback = {}) const {
    const auto stored = keys.integer(key);
    const auto value = stored ? stored : fallback;
    if (!value) return std::nullopt;
    if (*value >= 0 && static_cast<std::size_t>(*value) < tokens.size())
      return static_cast<std::size_t>(*value);
    if (stored && *stored != 0xFFFFFFFF && *stored != -1)
      keys.fail(key, std::to_string(*stored) + " is no id of the " + std::to_string(tokens.size()) +
                         " tokens");
    return std::nullopt;
  }

  std::size_t need_id(const char* key, std::optional<std::int64_t> fallback = {}) const {
    const auto value = id(key, fallback);
    if (!value) keys.fail(key, "the tokenizer needs this token and the file does not name it");
    return *value;
  }
};

Json added_token(const Vocabulary& vocabulary, std::size_t id, bool special, bool lstrip) {
  return {{"id", id},
          {"content", vocabulary.tokens[id]},
          {"special", special},
          {"single_word", false},
          {"lstrip", lstrip},
          {"rstrip", false},
          {"normalized", !special}};
}

// Control tokens and the ones that have a role are matched in the text before anything else.
Json added_tokens(const Vocabulary& vocabulary, std::vector<std::size_t> with_role,
                  std::optional<std::size_t> stripped_left) {
  Json list = Json::array();
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id) {
    const bool role = std::find(with_role.begin(), with_role.end(), id) != with_role.end();
    const bool special = role || vocabulary.types[id] == TokenType::kControl;
    if (special || vocabulary.types[id] == TokenType::kUserDefined)
      list.push_back(added_token(vocabulary, id, special, stripped_left == id));
  }
  return list;
}

Json special(const std::string& token, int type) {
  return {{"SpecialToken", {{"id", token}, {"type_id", type}}}};
}

Json sequence(const char* name, int type) {
  return {{"Sequence", {{"id", name}, {"type_id", type}}}};
}

Json special_table(const Vocabulary& vocabulary, const std::vector<std::size_t>& ids) {
  Json table = Json::object();
  for (const std::size_t id : ids) {
    const std::string& token = vocabulary.tokens[id];
    table[token] = {{"id", token}, {"ids", {id}}, {"tokens", {token}}};
  }
  return table;
}

// [CLS] A [SEP] B [SEP]; B is of type 1.
Json bert_template(const Vocabulary& vocabulary, std::size_t cls, std::size_t sep) {
  const std::string& begin = vocabulary.tokens[cls];
  const std::string& end = vocabulary.tokens[sep];
  return {
      {"type", "TemplateProcessing"},
      {"single", {special(begin, 0), sequence("A", 0), special(end, 0)}},
      {"pair",
       {special(begin, 0), sequence("A", 0), special(end, 0), sequence("B", 1), special(end, 1)}},
      {"special_tokens", special_table(vocabulary, {cls, sep})}};
}

// <s> A </s></s> B </s>; all of type 0.
Json roberta_template(const Vocabulary& vocabulary, std::size_t bos, std::size_t eos) {
  const std::string& begin = vocabulary.tokens[bos];
  const std::string& end = vocabulary.tokens[eos];
  return {{"type", "TemplateProcessing"},
          {"single", {special(begin, 0), sequence("A", 0), special(end, 0)}},
          {"pair",
           {special(begin, 0), sequence("A", 0), special(end, 0), special(end, 0), sequence("B", 0),
            special(end, 0)}},
          {"special_tokens", special_table(vocabulary, {bos, eos})}};
}

std::vector<std::size_t> present(std::initializer_list<std::optional<std::size_t>> ids) {
  std::vector<std::size_t> found;
  for (const auto& id : ids)
    if (id) found.push_back(*id);
  return found;
}

Json rebuild_wordpiece(const Vocabulary& vocabulary, std::vector<std::string>& notes) {
  const GgufMetadata& keys = vocabulary.keys;
  const auto lowercase = keys.boolean(kKeyLowercase);
  const auto strip = keys.boolean(kKeyStripAccents);
  if (!lowercase)
    notes.emplace_back(
        "the file does not say whether the tokenizer lower-cases; it does here, as in "
        "llama.cpp: convert a cased model again");
  const auto bos = keys.has(kKeyCls) ? kKeyCls : kKeyBos;
  const std::size_t cls = vocabulary.need_id(bos, 101);
  const std::size_t sep = vocabulary.need_id(kKeySeparator, 102);
  const std::size_t unknown = vocabulary.need_id(kKeyUnknown, 100);
  const auto roles =
      present({cls, sep, unknown, vocabulary.id(kKeyPadding, 0), vocabulary.id(kKeyMask, 103)});
  return {{"added_tokens", added_tokens(vocabulary, roles, std::nullopt)},
          {"normalizer",
           {{"type", "BertNormalizer"},
            {"clean_text", true},
            {"handle_chinese_chars", true},
            {"strip_accents", strip ? Json(*strip) : Json()},
            {"lowercase", lowercase.value_or(true)}}},
          {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"post_processor", bert_template(vocabulary, cls, sep)},
          {"model",
           {{"type", "WordPiece"},
            {"unk_token", vocabulary.tokens[unknown]},
            {"continuing_subword_prefix", "##"},
            {"max_input_chars_per_word", 100}}}};
}

// RoBERTa's rule, where the file asks for the tokens around the text.
Json bpe_post_processor(const Vocabulary& vocabulary) {
  const GgufMetadata& keys = vocabulary.keys;
  constexpr std::array<std::string_view, 3> kWithSeparators{"roberta-bpe", "jina-v1-en",
                                                            "jina-v2-code"};
  const std::string pre = keys.string(kKeyTokenizerPre).value_or("default");
  const bool by_kind =
      std::find(kWithSeparators.begin(), kWithSeparators.end(), pre) != kWithSeparators.end();
  const bool begin = keys.boolean(kKeyAddBos).value_or(by_kind);
  const bool end = keys.boolean(kKeyAddEos).value_or(by_kind);
  if (begin != end)
    keys.fail(kKeyAddBos, "a classifier's tokenizer adds a token at both ends or at none");
  if (!begin) return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}};
  const std::size_t bos = vocabulary.need_id(keys.has(kKeyCls) ? kKeyCls : kKeyBos);
  const std::size_t eos = vocabulary.need_id(keys.has(kKeySeparator) ? kKeySeparator : kKeyEos);
  return {{"type", "RobertaProcessing"},
          {"cls", {vocabulary.tokens[bos], bos}},
          {"sep", {vocabulary.tokens[eos], eos}},
          {"trim_offsets", true},
          {"add_prefix_space", false}};
}

Json rebuild_bpe(const Vocabulary& vocabulary, std::vector<std::string>& /*notes*/) {
  const auto mask = vocabulary.id(kKeyMask);
  const auto roles = present({vocabulary.id(kKeyBos), vocabulary.id(kKeyEos),
                              vocabulary.id(kKeyPadding), vocabulary.id(kKeyUnknown), mask});
  return {{"added_tokens", added_tokens(vocabulary, roles, mask)},
          {"normalizer", nullptr},
          {"pre_tokenizer",
           {{"type", "ByteLevel"},
            {"add_prefix_space", false},
            {"trim_offsets", true},
            {"use_regex", true}}},
          {"post_processor", bpe_post_processor(vocabulary)},
          {"model",
           {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", nullptr},
            {"continuing_subword_prefix", ""},
            {"end_of_word_suffix", ""},
            {"fuse_unk", false},
            {"byte_fallback", false}}}};
}

Json rebuild_unigram(const Vocabulary& vocabulary, std::vector<std::string>& /*notes*/) {
  const GgufMetadata& keys = vocabulary.keys;
  if (!keys.has(kKeyScores)) keys.fail(kKeyScores, "the key is missing");
  const std::size_t bos = vocabulary.need_id(keys.has(kKeyCls) ? kKeyCls : kKeyBos, 0);
  const std::size_t eos = vocabulary.need_id(keys.has(kKeySeparator) ? kKeySeparator : kKeyEos, 2);
  const std::size_t unknown = vocabulary.need_id(kKeyUnknown, 3);
  const auto mask = vocabulary.id(kKeyMask);
  const auto roles = present({bos, eos, unknown, vocabulary.id(kKeyPadding), mask});
  Json normalizer;
  if (const auto charsmap = keys.bytes(kKeyCharsmap); charsmap && !charsmap->empty())
    normalizer = {{"type", "Precompiled"}, {"precompiled_charsmap", encode_base64(*charsmap)}};
  const bool prefix = keys.boolean(kKeyAddSpacePrefix).value_or(true);
  Json split = {{"type", "Metaspace"},
                {"replacement", kMetaspace},
                {"prepend_scheme", prefix ? "always" : "never"},
                {"split", true}};
  if (keys.boolean(kKeyRemoveSpaces).value_or(true))
    split = {{"type", "Sequence"},
             {"pretokenizers", {{{"type", "WhitespaceSplit"}}, std::move(split)}}};
  return {{"added_tokens", added_tokens(vocabulary, roles, mask)},
          {"normalizer", std::move(normalizer)},
          {"pre_tokenizer", std::move(split)},
          {"post_processor", roberta_template(vocabulary, bos, eos)},
          {"model", {{"type", "Unigram"}, {"unk_id", unknown}, {"byte_fallback", false}}}};
}

struct Rebuilder {
  std::string_view model;
  Json (*rebuild)(const Vocabulary& vocabulary, std::vector<std::string>& notes);
};

constexpr auto kRebuilders = std::to_array<Rebuilder>({
    {"bert", rebuild_wordpiece},
    {"gpt2", rebuild_bpe},
    {"t5", rebuild_unigram},
});

Json rebuild(const Vocabulary& vocabulary, std::vector<std::string>& notes) {
  const std::string model = vocabulary.keys.need_string(kKeyTokenizerModel);
  for (const Rebuilder& known : kRebuilders)
    if (known.model == model) return known.rebuild(vocabulary, notes);
  throw Error(ErrorCode::kUnsupported, vocabulary.keys.origin() + ": the tokenizer \"" + model +
                                           "\" is one of language models; those of text "
                                           "classifiers are bert, gpt2 and t5");
}

// The model's own vocabulary: llama.cpp's list also holds added tokens and fillers behind it.
std::size_t vocabulary_size(const GgufMetadata& keys, std::size_t stored) {
  const auto size = keys.integer(kKeyVocabularySize);
  if (!size) return stored;
  if (*size < 0 || static_cast<std::size_t>(*size) > stored)
    keys.fail(kKeyVocabularySize, std::to_string(*size) + " is more than the " +
                                      std::to_string(stored) + " tokens in the file");
  return static_cast<std::size_t>(*size);
}

}  // namespace

TokenizerSpec read_gguf_tokenizer(const GgufMetadata& keys, std::vector<std::string>& notes) {
  TokenizerSpec spec;
  const std::size_t stored = keys.need_strings(kKeyTokens).size();
  const std::size_t count = vocabulary_size(keys, stored);
  const std::vector<TokenType> types = read_types(keys, stored);
  spec.tokens = read_tokens(keys, types, count);
  spec.scores = read_scores(keys, stored, count);
  spec.merges = read_merges(keys);
  const auto own = keys.string(kKeyTokenizer);
  spec.pipeline = own ? parse_json(*own, keys.origin() + ": " + kKeyTokenizer)
                      : rebuild({keys, spec.tokens, types}, notes);
  return spec;
}

}  // namespace valence
