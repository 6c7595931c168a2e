#include "format/hf_tokenizer.h"

#include <array>

#include "base/mapped_file.h"
#include "format/hf_tokenizer_parts.h"
#include "valence/error.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

Json read_object(const fs::path& path) {
  if (!fs::exists(path)) return Json::object();
  Json json = parse_json(MappedFile(path).text(), path.string());
  if (!json.is_object()) JsonRef(json, path.string()).fail("expected an object");
  return json;
}

hf::Settings read_settings(const fs::path& directory) {
  const fs::path config = directory / "tokenizer_config.json";
  const fs::path special = directory / "special_tokens_map.json";
  return {read_object(config), read_object(special), config.string(), special.string()};
}

// Values like 1e30 stand for "no limit".
std::size_t max_length_of(const hf::Settings& settings) {
  const auto stated = settings.config_ref().find("model_max_length");
  if (!stated || !stated->is_number()) return 0;
  const double value = stated->number();
  return value >= 1 && value < 1e9 ? static_cast<std::size_t>(value) : 0;
}

// Kinds of tokenizer that a vocab.txt alone does not make a BERT tokenizer of.
constexpr auto kOtherWordPieceKinds = std::to_array<std::string_view>(
    {"BertJapaneseTokenizer", "RoFormerTokenizer", "BertweetTokenizer", "PhobertTokenizer",
     "FunnelTokenizer", "MPNetTokenizer"});

std::string tokenizer_class(const hf::Settings& settings, const Json& config,
                            const std::string& origin) {
  std::string stated = settings.config_ref().string_or("tokenizer_class", "");
  if (!stated.empty() || !config.is_object()) return stated;
  return JsonRef(config, origin).string_or("tokenizer_class", "");
}

void refuse_other_kinds(const std::string& kind, const fs::path& directory) {
  for (const std::string_view other : kOtherWordPieceKinds)
    if (kind.starts_with(other))
      throw Error(ErrorCode::kUnsupported,
                  directory.string() + ": a " + kind +
                      " cannot be built from its vocabulary; load it with transformers as a fast "
                      "tokenizer and save it with save_pretrained to get a tokenizer.json");
}

[[noreturn]] void nothing_to_build_from(const fs::path& directory) {
  static constexpr auto kSentencePiece = std::to_array<const char*>(
      {"sentencepiece.bpe.model", "spiece.model", "spm.model", "tokenizer.model"});
  for (const char* name : kSentencePiece)
    if (fs::exists(directory / name))
      throw Error(
          ErrorCode::kUnsupported,
          directory.string() + " has only " + name +
              " for a tokenizer, which is not read; load the tokenizer with transformers and "
              "save it with save_pretrained to get a tokenizer.json");
  throw Error(ErrorCode::kNotFound, directory.string() +
                                        " has no tokenizer: expected tokenizer.json, vocab.txt, or "
                                        "vocab.json with merges.txt");
}

TokenizerSpec read_spec(const fs::path& directory, const hf::Settings& settings,
                        const Json& config) {
  const fs::path whole = directory / "tokenizer.json";
  if (fs::exists(whole)) return parse_tokenizer_json(MappedFile(whole).text(), whole.string());
  const std::string kind = tokenizer_class(settings, config, (directory / "config.json").string());
  refuse_other_kinds(kind, directory);
  if (fs::exists(directory / "vocab.txt")) return hf::build_bert(directory / "vocab.txt", settings);
  if (fs::exists(directory / "vocab.json") && fs::exists(directory / "merges.txt"))
    return hf::build_roberta(directory / "vocab.json", directory / "merges.txt", settings);
  nothing_to_build_from(directory);
}

}  // namespace

HfTokenizer read_hf_tokenizer(const fs::path& directory, const Json& config) {
  const hf::Settings settings = read_settings(directory);
  return {read_spec(directory, settings, config), max_length_of(settings)};
}

}  // namespace valence
