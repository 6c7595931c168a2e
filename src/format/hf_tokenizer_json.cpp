// tokenizer.json: its bulky parts taken out into arrays, everything else left as it is.
#include "base/utf8.h"
#include "format/hf_tokenizer.h"
#include "format/hf_tokenizer_parts.h"
#include "valence/error.h"

namespace valence {
namespace hf {
namespace {

constexpr std::int64_t kMaxTokens = 4'000'000;

}  // namespace

void place_token(std::vector<std::string>& tokens, std::string token, std::int64_t id,
                 const std::string& where) {
  if (id < 0 || id >= kMaxTokens)
    throw Error(ErrorCode::kCorrupt, where + ": the id " + std::to_string(id) + " of token \"" +
                                         token + "\" is not between 0 and " +
                                         std::to_string(kMaxTokens - 1));
  const auto index = static_cast<std::size_t>(id);
  if (index >= tokens.size()) tokens.resize(index + 1);
  if (!tokens[index].empty())
    throw Error(ErrorCode::kCorrupt, where + ": the tokens \"" + tokens[index] + "\" and \"" +
                                         token + "\" have the same id " + std::to_string(id));
  tokens[index] = std::move(token);
}

std::vector<std::string> read_vocabulary(const JsonRef& vocab) {
  if (!vocab.is_object()) vocab.fail("expected an object of tokens and ids");
  std::vector<std::string> tokens;
  tokens.reserve(std::min<std::size_t>(vocab.size(), kMaxTokens));
  for (const auto& [token, id] : vocab.raw().items())
    place_token(tokens, token, JsonRef(id, vocab.path()).integer(), vocab.path());
  return tokens;
}

std::pair<std::string, std::string> split_merge(std::string_view line, const std::string& where) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos)
    throw Error(ErrorCode::kCorrupt, where +
                                         ": expected two symbols with one space between, found \"" +
                                         std::string(line) + "\"");
  return {std::string(line.substr(0, space)), std::string(line.substr(space + 1))};
}

namespace {

// [["token", log-probability], ...]
void read_scored_vocabulary(const JsonRef& vocab, TokenizerSpec& spec) {
  if (!vocab.is_array()) vocab.fail("expected an array of tokens and scores");
  if (vocab.size() > static_cast<std::size_t>(kMaxTokens))
    throw Error(ErrorCode::kCorrupt, vocab.path() + ": " + std::to_string(vocab.size()) +
                                         " tokens are over the limit of " +
                                         std::to_string(kMaxTokens));
  for (std::size_t i = 0; i < vocab.size(); ++i) {
    const JsonRef entry = vocab.at(i);
    spec.tokens.push_back(entry.at(std::size_t{0}).string());
    spec.scores.push_back(entry.at(std::size_t{1}).number());
  }
}

// ["left right", ...] or [["left", "right"], ...]
void read_merges(const JsonRef& merges, TokenizerSpec& spec) {
  if (!merges.is_array()) merges.fail("expected an array of merges");
  spec.merges.reserve(merges.size());
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const JsonRef entry = merges.at(i);
    if (entry.is_array()) {
      spec.merges.emplace_back(entry.at(std::size_t{0}).string(),
                               entry.at(std::size_t{1}).string());
      continue;
    }
    const std::string line = entry.string();
    if (!line.starts_with("#version")) spec.merges.push_back(split_merge(line, entry.path()));
  }
}

}  // namespace
}  // namespace hf

TokenizerSpec parse_tokenizer_json(std::string_view text, std::string_view origin) {
  TokenizerSpec spec;
  spec.pipeline = parse_json(text, origin);
  const JsonRef root(spec.pipeline, std::string(origin));
  const JsonRef model = root.at("model");
  const std::string version = root.string_or("version", "1.0");
  if (version != "1.0")
    throw Error(ErrorCode::kUnsupported, root.path() + "/version: expected 1.0, found " + version);
  const JsonRef vocab = model.at("vocab");
  if (vocab.is_array())
    hf::read_scored_vocabulary(vocab, spec);
  else
    spec.tokens = hf::read_vocabulary(vocab);
  if (const auto merges = model.find("merges")) hf::read_merges(*merges, spec);
  Json& stripped = spec.pipeline["model"];
  stripped.erase("vocab");
  stripped.erase("merges");
  spec.pipeline.erase("truncation");
  spec.pipeline.erase("padding");
  return spec;
}

}  // namespace valence
