#include "format/hf_directory_writer.h"

#include <array>
#include <string_view>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "format/safetensors_writer.h"
#include "valence/error.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

constexpr auto kTokenizerFiles = std::to_array<std::string_view>(
    {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
     "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model", "spiece.model"});

void write_text(const fs::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

// A pair as one string, which all versions of `tokenizers` read; a list where a part has a space.
Json merge_json(const std::pair<std::string, std::string>& merge) {
  const bool spaced = (merge.first + merge.second).find(' ') != std::string::npos;
  if (spaced) return Json::array({merge.first, merge.second});
  return merge.first + " " + merge.second;
}

Json vocabulary_json(const TokenizerSpec& spec) {
  Json vocabulary = spec.scores.empty() ? Json::object() : Json::array();
  for (std::size_t id = 0; id < spec.tokens.size(); ++id) {
    if (!spec.scores.empty())
      vocabulary.push_back({spec.tokens[id], spec.scores[id]});
    else if (!spec.tokens[id].empty())
      vocabulary[spec.tokens[id]] = id;
  }
  return vocabulary;
}

// The text of the token that a config gives the id of.
std::string token_at(const HfModel& model, std::string_view key) {
  const JsonRef config(model.config, "config");
  const std::int64_t id = config.has(key) ? config.at(key).integer_in(-1, 1 << 24) : -1;
  const JsonRef pipeline(model.tokenizer.pipeline, "tokenizer");
  const auto added = pipeline.find("added_tokens");
  for (std::size_t i = 0; added && i < added->size(); ++i)
    if (added->at(i).integer_or("id", -1) == id) return added->at(i).string_or("content", "");
  const bool known = id >= 0 && static_cast<std::size_t>(id) < model.tokenizer.tokens.size();
  return known ? model.tokenizer.tokens[static_cast<std::size_t>(id)] : "";
}

Json tokenizer_config(const HfModel& model) {
  Json config{{"tokenizer_class", "PreTrainedTokenizerFast"},
              {"clean_up_tokenization_spaces", false}};
  if (model.max_length > 0) config["model_max_length"] = model.max_length;
  if (const std::string pad = token_at(model, "pad_token_id"); !pad.empty())
    config["pad_token"] = pad;
  config["model_input_names"] = {"input_ids", "attention_mask"};
  if (model.has_token_types) config["model_input_names"].push_back("token_type_ids");
  return config;
}

void copy_tokenizer(const fs::path& source, const fs::path& folder) {
  for (const std::string_view name : kTokenizerFiles)
    if (fs::exists(source / name)) write_text(folder / name, MappedFile(source / name).text());
}

}  // namespace

std::string tokenizer_json(const TokenizerSpec& spec) {
  Json pipeline = spec.pipeline;
  pipeline["version"] = "1.0";
  pipeline["truncation"] = pipeline["padding"] = nullptr;
  for (const char* part :
       {"added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"})
    if (!pipeline.contains(part))
      pipeline[part] = std::string_view(part) == "added_tokens" ? Json::array() : Json();
  pipeline["model"]["vocab"] = vocabulary_json(spec);
  if (pipeline["model"].value("type", "") == "BPE") {
    Json merges = Json::array();
    for (const auto& merge : spec.merges) merges.push_back(merge_json(merge));
    pipeline["model"]["merges"] = std::move(merges);
  }
  return pipeline.dump(1) + "\n";
}

void write_hf_directory(const fs::path& folder, const HfModel& model) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed)
    throw Error(ErrorCode::kIo,
                "cannot make the directory " + folder.string() + ": " + failed.message());
  if (!model.tokenizer_source.empty()) {
    copy_tokenizer(model.tokenizer_source, folder);
  } else {
    write_text(folder / "tokenizer.json", tokenizer_json(model.tokenizer));
    write_text(folder / "tokenizer_config.json", tokenizer_config(model).dump(2) + "\n");
  }
  write_safetensors(folder / "model.safetensors", model.tensors);
  write_text(folder / "config.json", model.config.dump(2) + "\n");
}

}  // namespace valence
