// Tokenizers built from a bare vocabulary, as transformers' BertTokenizer and RobertaTokenizer
// build them.
#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <unordered_map>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "format/hf_tokenizer_parts.h"
#include "valence/error.h"

namespace valence::hf {
namespace {

namespace fs = std::filesystem;

std::string_view valid_text(const MappedFile& file, const fs::path& path) {
  if (!is_valid_utf8(file.text()))
    throw Error(ErrorCode::kCorrupt, path.string() + ": not valid UTF-8; save it as UTF-8");
  return file.text();
}

// Lines end with \n, \r\n or \r; what follows the last end is a line unless it is empty.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
    if (!text.empty()) text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
  }
  return lines;
}

// The id of a line is its number. Of equal lines the last counts; the others leave gaps.
std::vector<std::string> read_vocabulary_lines(const fs::path& path) {
  const MappedFile file(path);
  const std::vector<std::string_view> lines = lines_of(valid_text(file, path));
  std::unordered_map<std::string_view, std::size_t> last;
  for (std::size_t i = 0; i < lines.size(); ++i) last[lines[i]] = i;
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < lines.size(); ++i)
    place_token(tokens, last[lines[i]] == i ? std::string(lines[i]) : "",
                static_cast<std::int64_t>(i), path.string());
  return tokens;
}

std::vector<std::pair<std::string, std::string>> read_merge_lines(const fs::path& path) {
  const MappedFile file(path);
  std::vector<std::pair<std::string, std::string>> merges;
  const std::vector<std::string_view> lines = lines_of(valid_text(file, path));
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (!lines[i].empty() && !lines[i].starts_with("#version"))
      merges.push_back(split_merge(lines[i], path.string() + ": line " + std::to_string(i + 1)));
  return merges;
}

struct SpecialName {
  const char* name;
  const char* fallback;
};

// Every token once, in the order in which transformers adds them.
class AddedTokenList {
 public:
  void add(const Json& token) {
    const auto same = [&](const Json& other) { return other["content"] == token["content"]; };
    if (std::none_of(tokens_.begin(), tokens_.end(), same)) tokens_.push_back(token);
  }
  Json take() { return std::move(tokens_); }

 private:
  Json tokens_ = Json::array();
};

std::int64_t token_id(const std::string& text, const JsonRef& decoder) {
  std::int64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc() || stopped != end)
    decoder.fail("expected numbers of tokens as names, found \"" + text + "\"");
  return id;
}

// Entries of added_tokens_decoder, by id.
void add_decoder_entries(const Settings& settings, AddedTokenList& list) {
  const auto decoder = settings.config_ref().find("added_tokens_decoder");
  if (!decoder) return;
  if (!decoder->is_object()) decoder->fail("expected an object");
  std::vector<std::pair<std::int64_t, const Json*>> entries;
  for (const auto& [id, token] : decoder->raw().items()) {
    if (!token.is_object()) JsonRef(token, decoder->path()).fail("expected an object");
    entries.emplace_back(token_id(id, *decoder), &token);
  }
  std::sort(entries.begin(), entries.end());
  for (const auto& [id, token] : entries) {
    JsonRef(*token, decoder->path()).at("content").string();
    list.add(*token);
  }
}

Json as_special_token(const JsonRef& stated) {
  Json token = {{"content", ""},   {"single_word", false}, {"lstrip", false},
                {"rstrip", false}, {"normalized", false},  {"special", true}};
  if (stated.is_object()) {
    for (const auto& [key, value] : stated.raw().items())
      if (token.contains(key) && !value.is_null()) token[key] = value;
    token["special"] = true;
    token["content"] = stated.at("content").string();
  } else {
    token["content"] = stated.string();
  }
  return token;
}

void add_extra_tokens(const Settings& settings, AddedTokenList& list) {
  for (const char* key : {"additional_special_tokens", "extra_special_tokens"}) {
    for (const JsonRef& source :
         {settings.config_ref(), JsonRef(settings.special, settings.special_name)}) {
      const auto tokens = source.find(key);
      if (!tokens) continue;
      for (std::size_t i = 0; tokens->is_array() && i < tokens->size(); ++i)
        list.add(as_special_token(tokens->at(i)));
      break;
    }
  }
}

Json added_tokens(const Settings& settings, std::span<const SpecialName> names) {
  AddedTokenList list;
  add_decoder_entries(settings, list);
  for (const auto& [name, fallback] : names) list.add(settings.special_token(name, fallback));
  add_extra_tokens(settings, list);
  return list.take();
}

// The id that the token has or will be given: as Tokenizer numbers them.
std::int64_t id_of(const std::string& token, const TokenizerSpec& spec) {
  const auto found = std::find(spec.tokens.begin(), spec.tokens.end(), token);
  if (found != spec.tokens.end()) return found - spec.tokens.begin();
  const auto count = std::count_if(spec.tokens.begin(), spec.tokens.end(),
                                   [](const std::string& text) { return !text.empty(); });
  std::int64_t next = count;
  for (const Json& added : spec.pipeline["added_tokens"]) {
    const auto content = added["content"].get<std::string>();
    if (content == token) return next;
    if (std::find(spec.tokens.begin(), spec.tokens.end(), content) == spec.tokens.end()) ++next;
  }
  return next;
}

// tokenizer.json states the id beside each added token; so do we.
void number_added_tokens(TokenizerSpec& spec) {
  for (Json& added : spec.pipeline["added_tokens"])
    added["id"] = id_of(added["content"].get<std::string>(), spec);
}

Json special_piece(const std::string& token, int type_id) {
  return {{"SpecialToken", {{"id", token}, {"type_id", type_id}}}};
}

Json text_piece(const char* name, int type_id) {
  return {{"Sequence", {{"id", name}, {"type_id", type_id}}}};
}

Json bert_template(const std::string& cls, const std::string& sep, const TokenizerSpec& spec) {
  Json special = Json::object();
  for (const std::string& token : {cls, sep})
    special[token] = {{"id", token}, {"ids", {id_of(token, spec)}}, {"tokens", {token}}};
  Json single = Json::array({special_piece(cls, 0), text_piece("A", 0), special_piece(sep, 0)});
  Json pair = single;
  pair.push_back(text_piece("B", 1));
  pair.push_back(special_piece(sep, 1));
  return {{"type", "TemplateProcessing"},
          {"single", std::move(single)},
          {"pair", std::move(pair)},
          {"special_tokens", std::move(special)}};
}

}  // namespace

Json Settings::special_token(const std::string& name, const std::string& fallback) const {
  for (const JsonRef& source : {config_ref(), JsonRef(special, special_name)})
    if (const auto stated = source.find(name)) return as_special_token(*stated);
  const Json text(fallback);
  return as_special_token(JsonRef(text, name));
}

std::string Settings::special_text(const std::string& name, const std::string& fallback) const {
  return special_token(name, fallback)["content"].get<std::string>();
}

TokenizerSpec build_bert(const fs::path& vocab, const Settings& settings) {
  static constexpr auto kSpecial = std::to_array<SpecialName>({{"unk_token", "[UNK]"},
                                                               {"sep_token", "[SEP]"},
                                                               {"pad_token", "[PAD]"},
                                                               {"cls_token", "[CLS]"},
                                                               {"mask_token", "[MASK]"}});
  const JsonRef config = settings.config_ref();
  TokenizerSpec spec;
  spec.tokens = read_vocabulary_lines(vocab);
  const auto strip_accents = config.find("strip_accents");
  spec.pipeline = {{"added_tokens", added_tokens(settings, kSpecial)},
                   {"normalizer",
                    {{"type", "BertNormalizer"},
                     {"clean_text", true},
                     {"handle_chinese_chars", config.boolean_or("tokenize_chinese_chars", true)},
                     {"strip_accents", strip_accents ? Json(strip_accents->boolean()) : Json()},
                     {"lowercase", config.boolean_or("do_lower_case", true)}}},
                   {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
                   {"model",
                    {{"type", "WordPiece"},
                     {"unk_token", settings.special_text("unk_token", "[UNK]")},
                     {"continuing_subword_prefix", "##"},
                     {"max_input_chars_per_word", 100}}}};
  number_added_tokens(spec);
  spec.pipeline["post_processor"] =
      bert_template(settings.special_text("cls_token", "[CLS]"),
                    settings.special_text("sep_token", "[SEP]"), spec);
  return spec;
}

TokenizerSpec build_roberta(const fs::path& vocab, const fs::path& merges,
                            const Settings& settings) {
  static constexpr auto kSpecial = std::to_array<SpecialName>({{"bos_token", "<s>"},
                                                               {"eos_token", "</s>"},
                                                               {"unk_token", "<unk>"},
                                                               {"sep_token", "</s>"},
                                                               {"pad_token", "<pad>"},
                                                               {"cls_token", "<s>"},
                                                               {"mask_token", "<mask>"}});
  const JsonRef config = settings.config_ref();
  const Json vocabulary = parse_json(MappedFile(vocab).text(), vocab.string());
  const bool add_prefix_space = config.boolean_or("add_prefix_space", false);
  TokenizerSpec spec;
  spec.tokens = read_vocabulary(JsonRef(vocabulary, vocab.string()));
  spec.merges = read_merge_lines(merges);
  spec.pipeline = {{"added_tokens", added_tokens(settings, kSpecial)},
                   {"normalizer", nullptr},
                   {"pre_tokenizer",
                    {{"type", "ByteLevel"},
                     {"add_prefix_space", add_prefix_space},
                     {"trim_offsets", true},
                     {"use_regex", true}}},
                   {"model", {{"type", "BPE"}}}};
  number_added_tokens(spec);
  const std::string cls = settings.special_text("cls_token", "<s>");
  const std::string sep = settings.special_text("sep_token", "</s>");
  spec.pipeline["post_processor"] = {{"type", "RobertaProcessing"},
                                     {"cls", {cls, id_of(cls, spec)}},
                                     {"sep", {sep, id_of(sep, spec)}},
                                     {"trim_offsets", config.boolean_or("trim_offsets", true)},
                                     {"add_prefix_space", add_prefix_space}};
  return spec;
}

}  // namespace valence::hf
