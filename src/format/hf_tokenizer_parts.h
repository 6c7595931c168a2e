// What the ways of reading a Hugging Face tokenizer share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/tokenizer_spec.h"

namespace valence::hf {

// The settings beside a vocabulary: tokenizer_config.json over special_tokens_map.json.
struct Settings {
  Json config;                            // an object; empty where the file is absent
  Json special;                           // likewise
  std::string config_name, special_name;  // for messages

  JsonRef config_ref() const { return {config, config_name}; }
  // A special token as an entry of added_tokens (without id), from its text or its AddedToken form.
  Json special_token(const std::string& name, const std::string& fallback) const;
  std::string special_text(const std::string& name, const std::string& fallback) const;
};

// Puts the token at its id. Throws Error(kCorrupt) naming `where` for an id that is out of bounds
// or taken.
void place_token(std::vector<std::string>& tokens, std::string token, std::int64_t id,
                 const std::string& where);

// {"token": id, ...}
std::vector<std::string> read_vocabulary(const JsonRef& vocab);

// "left right"
std::pair<std::string, std::string> split_merge(std::string_view line, const std::string& where);

TokenizerSpec build_bert(const std::filesystem::path& vocab, const Settings& settings);
TokenizerSpec build_roberta(const std::filesystem::path& vocab, const std::filesystem::path& merges,
                            const Settings& settings);

}  // namespace valence::hf
