#include "format/gguf_tokenizer_writer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/base64.h"
#include "format/gguf_keys.h"
#include "format/phantom_space.h"

namespace valence {
namespace {

using Id = std::optional<std::int64_t>;

struct AddedToken {
  std::size_t id;
  std::string content;
  bool special;
};

std::vector<AddedToken> read_added(const JsonRef& pipeline) {
  std::vector<AddedToken> list;
  const auto tokens = pipeline.find("added_tokens");
  for (std::size_t i = 0; tokens && i < tokens->size(); ++i) {
    const JsonRef token = tokens->at(i);
    list.push_back({static_cast<std::size_t>(token.at("id").integer_in(0, 1 << 24)),
                    token.at("content").string(), token.boolean_or("special", false)});
  }
  return list;
}

// The component of one of these types, itself or inside a Sequence.
std::optional<JsonRef> find_component(const std::optional<JsonRef>& component,
                                      std::span<const std::string_view> types) {
  if (!component) return std::nullopt;
  const std::string type = component->string_or("type", "");
  if (std::find(types.begin(), types.end(), type) != types.end()) return component;
  for (const char* list : {"normalizers", "pretokenizers", "processors"}) {
    const auto parts = component->find(list);
    for (std::size_t i = 0; parts && i < parts->size(); ++i)
      if (auto found = find_component(parts->at(i), types)) return found;
  }
  return std::nullopt;
}

std::optional<JsonRef> find_component(const std::optional<JsonRef>& component,
                                      std::string_view type) {
  return find_component(component, std::span(&type, 1));
}

// The tokens that the post-processor sets before and behind a text.
struct Ends {
  Id begin;
  Id end;
};

Id id_of_piece(const JsonRef& processor, const JsonRef& piece) {
  const auto token = piece.find("SpecialToken");
  if (!token) return std::nullopt;
  const JsonRef ids = processor.at("special_tokens").at(token->at("id").string()).at("ids");
  return ids.at(std::size_t{0}).integer();
}

Ends read_ends(const JsonRef& pipeline) {
  constexpr auto kPairs = std::to_array<std::string_view>({"RobertaProcessing", "BertProcessing"});
  const auto root = pipeline.find("post_processor");
  if (const auto pair = find_component(root, kPairs))
    return {pair->at("cls").at(std::size_t{1}).integer(),
            pair->at("sep").at(std::size_t{1}).integer()};
  const auto processor = find_component(root, "TemplateProcessing");
  if (!processor || !processor->has("single") || processor->at("single").size() == 0) return {};
  const JsonRef single = processor->at("single");
  return {id_of_piece(*processor, single.at(std::size_t{0})),
          id_of_piece(*processor, single.at(single.size() - 1))};
}

class TokenizerWriter {
 public:
  TokenizerWriter(const TokenizerSpec& spec, const JsonRef& config, std::size_t embeddings,
                  GgufWriter& writer)
      : spec_(spec),
        config_(config),
        pipeline_(spec.pipeline, "tokenizer"),
        model_(pipeline_.at("model")),
        type_(model_.string_or("type", "WordPiece")),
        writer_(writer) {
    std::size_t count = std::max(spec.tokens.size(), embeddings);
    const std::vector<AddedToken> added = read_added(pipeline_);
    for (const AddedToken& token : added) count = std::max(count, token.id + 1);
    tokens_ = spec.tokens;
    tokens_.resize(count);
    types_.resize(count, TokenType::kUnused);
    for (std::size_t i = 0; i < spec.tokens.size(); ++i)
      if (!spec.tokens[i].empty()) types_[i] = TokenType::kNormal;
    if (const Id unknown = unknown_id(); unknown && type_ == "Unigram")
      types_[*unknown] = TokenType::kUnknown;
    for (const AddedToken& token : added) {
      tokens_[token.id] = token.content;
      if (types_[token.id] != TokenType::kUnknown)
        types_[token.id] = token.special ? TokenType::kControl : TokenType::kUserDefined;
    }
  }

  void write() {
    const Ends ends = read_ends(pipeline_);
    writer_.add_string(kKeyTokenizerModel, model_name());
    writer_.add_string(kKeyTokenizerPre, type_ == "BPE" ? bpe_name(ends) : "default");
    write_vocabulary();
    write_special_ids(ends);
    write_normalizer();
    writer_.add_string(kKeyTokenizer, spec_.pipeline.dump());
  }

 private:
  // llama.cpp has no form for WordLevel; our own key stands for it.
  std::string_view model_name() const {
    if (type_ == "WordPiece") return "bert";
    if (type_ == "BPE") return "gpt2";
    return type_ == "Unigram" ? "t5" : "none";
  }

  static const char* bpe_name(const Ends& ends) { return ends.begin ? "roberta-bpe" : "gpt-2"; }

  Id find_token(std::string_view token) const {
    const auto found = std::find(tokens_.begin(), tokens_.end(), token);
    return found == tokens_.end() ? Id() : Id(found - tokens_.begin());
  }

  Id unknown_id() const {
    if (const auto id = model_.find("unk_id")) {
      const Id value = id->integer();
      return *value >= 0 && *value < std::ssize(tokens_) ? value : Id();
    }
    const auto token = model_.find("unk_token");
    return token && token->is_string() ? find_token(token->string()) : Id();
  }

  void write_vocabulary() {
    const bool phantom = type_ == "WordPiece";
    std::vector<std::string> stored = tokens_;
    bool exact = true;
    for (std::size_t i = 0; i < stored.size(); ++i) {
      const bool control = types_[i] == TokenType::kControl;
      if (phantom) stored[i] = to_phantom_space(tokens_[i], control);
      if (i >= spec_.tokens.size()) continue;
      const std::string back = phantom ? from_phantom_space(stored[i], control) : stored[i];
      exact = exact && back == spec_.tokens[i];
    }
    writer_.add_strings(kKeyTokens, stored);
    std::vector<std::int32_t> types;
    types.reserve(types_.size());
    for (const TokenType type : types_) types.push_back(static_cast<std::int32_t>(type));
    writer_.add_i32s(kKeyTokenTypes, types);
    if (!exact) writer_.add_strings(kKeyExactTokens, spec_.tokens);
    if (spec_.tokens.size() != tokens_.size())
      writer_.add_u32(kKeyVocabularySize, static_cast<std::uint32_t>(spec_.tokens.size()));
    write_scores();
    write_merges();
  }

  void write_scores() {
    if (spec_.scores.empty()) return;
    std::vector<float> scores(tokens_.size());
    bool exact = true;
    for (std::size_t i = 0; i < spec_.scores.size(); ++i) {
      scores[i] = static_cast<float>(spec_.scores[i]);
      exact = exact && static_cast<double>(scores[i]) == spec_.scores[i];
    }
    writer_.add_f32s(kKeyScores, scores);
    if (!exact) writer_.add_f64s(kKeyExactScores, spec_.scores);
  }

  void write_merges() {
    if (spec_.merges.empty()) return;
    std::vector<std::string> merges;
    std::vector<std::string> parts;
    bool exact = true;
    for (const auto& [first, second] : spec_.merges) {
      merges.push_back(first + " " + second);
      parts.push_back(first);
      parts.push_back(second);
      exact = exact && !first.empty() && first.find(' ') == std::string::npos;
    }
    writer_.add_strings(kKeyMerges, merges);
    if (!exact) writer_.add_strings(kKeyExactMerges, parts);
  }

  void write_id(const char* key, const Id& id) {
    if (id && *id >= 0 && *id < std::ssize(tokens_))
      writer_.add_u32(key, static_cast<std::uint32_t>(*id));
  }

  Id padding_id() const {
    if (const auto id = config_.find("pad_token_id")) return id->integer();
    const Id bert = find_token("[PAD]");
    return bert ? bert : find_token("<pad>");
  }

  void write_special_ids(const Ends& ends) {
    write_id(kKeyBos, ends.begin);
    write_id(kKeyEos, ends.end);
    write_id(kKeyCls, ends.begin);
    write_id(kKeySeparator, ends.end);
    write_id(kKeyUnknown, unknown_id());
    write_id(kKeyPadding, padding_id());
    const Id mask = find_token("[MASK]");
    write_id(kKeyMask, mask ? mask : find_token("<mask>"));
    writer_.add_bool(kKeyAddBos, ends.begin.has_value());
    writer_.add_bool(kKeyAddEos, ends.end.has_value());
    writer_.add_bool(kKeyAddSep, ends.end.has_value());
  }

  void write_normalizer() {
    const auto root = pipeline_.find("normalizer");
    if (type_ == "WordPiece") {
      const auto bert = find_component(root, "BertNormalizer");
      writer_.add_bool(kKeyLowercase, bert && bert->boolean_or("lowercase", true));
      if (!bert || bert->has("strip_accents"))
        writer_.add_bool(kKeyStripAccents, bert && bert->boolean_or("strip_accents", false));
    }
    if (type_ != "Unigram") return;
    const auto metaspace = find_component(pipeline_.find("pre_tokenizer"), "Metaspace");
    writer_.add_bool(kKeyAddSpacePrefix,
                     metaspace && metaspace->string_or("prepend_scheme", "always") != "never");
    writer_.add_bool(kKeyRemoveSpaces, true);
    if (const auto map = find_component(root, "Precompiled"))
      if (const auto bytes = decode_base64(map->string_or("precompiled_charsmap", "")))
        writer_.add_i8s(kKeyCharsmap, *bytes);
  }

  const TokenizerSpec& spec_;
  JsonRef config_;
  JsonRef pipeline_;
  JsonRef model_;
  std::string type_;
  GgufWriter& writer_;
  std::vector<std::string> tokens_;  // by id: the model's, the added ones, and fillers
  std::vector<TokenType> types_;
};

}  // namespace

void add_tokenizer(const TokenizerSpec& spec, const JsonRef& config, std::size_t embeddings,
                   GgufWriter& writer) {
  TokenizerWriter(spec, config, embeddings, writer).write();
}

}  // namespace valence
